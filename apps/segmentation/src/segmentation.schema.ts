import { rowLevelSecurity, type AppSchema } from '@tidings/postgres';
import { erasedTable } from '@tidings/service';

/** One profile of so many is in the share that audiences are estimated from. */
export const SHARE = 32;

/** Whether a profile is in that share: the same ones always, as if chance had picked them. Indexes have just these, so they cost next to nothing. */
export const inShare = `hashtextextended(profile_id, 0) & ${SHARE - 1} = 0`;

/** How long events are kept: what a newly published segment can look back to. */
export const HISTORY_DAYS = 400;

/** A part of a key. Compared byte by byte: by the rules of a language, whichever the database was made with, each step down an index would cost several times that. */
const key = 'text collate "C" not null';

/**
 * The tables of segmentation. One row per profile, so that its lock is the profile's lock; every key has the profile in it,
 * so that the tables can be cut by it. Rows change with every event: room on each page keeps the new version of a row
 * beside the old one, and no index changes unless the profile's moment does.
 */
export const segmentationSchema: AppSchema = {
  schema: 'segmentation',
  migrations: [
    {
      name: '001-profiles',
      sql: `
        create table segmentation.profile (
          workspace ${key},
          profile_id ${key},
          created_at timestamptz not null,
          traits jsonb not null,
          devices jsonb not null,
          -- Subscriptions to web push and chats; null for most.
          addresses jsonb,
          consent jsonb not null,
          timezone text,
          locale text,
          -- The last point and names that were told.
          place jsonb,
          -- The other ids of the same person, and ids that were said to be theirs and were not taken.
          identity jsonb not null,
          -- The groups that the person belongs to and those that they left; null for most.
          groups jsonb,
          -- The profile that this one became part of: what comes under its id is that profile's.
          merged_into text,
          -- What every event changes comes last and together: the write-ahead log of an update is what lies between its first and its last difference.
          version int8 not null,
          -- When traits, consent and zone were last told: what tells news from what came late.
          times jsonb not null,
          segments jsonb not null,
          counters jsonb not null,
          -- On which days there is something in their history that can be counted: who looks for it need not look at every day.
          active_days text not null,
          -- Instants are milliseconds since 1970, so that a window of a thousand years has a moment too.
          evaluated_at int8 not null,
          due_at int8,
          revision text not null,
          revised_at int8 not null,
          known_at int8 not null,
          -- The partition that the profile was last heard on.
          partition int4 not null,
          -- When somebody must look at the profile: due_at, or sooner.
          wake_at int8,
          primary key (workspace, profile_id)
        ) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02);
        create index profile_due on segmentation.profile (wake_at) where wake_at is not null;
        create index profile_share on segmentation.profile (workspace, profile_id) where merged_into is null and ${inShare};
        ${rowLevelSecurity('segmentation', 'profile')}

        -- Ids that are about to become part of a profile: others may have been told so by a process that died then.
        create table segmentation.merge_intent (
          workspace ${key},
          profile_id ${key},
          "into" ${key},
          primary key (workspace, profile_id)
        );
        ${rowLevelSecurity('segmentation', 'merge_intent')}

        -- By which addresses profiles are found: of an address a hash, since an endpoint may be longer than an index entry.
        create table segmentation.profile_address (
          workspace ${key},
          address ${key},
          profile_id ${key},
          primary key (workspace, address, profile_id)
        );
        create index profile_address_of on segmentation.profile_address (workspace, profile_id);
        ${rowLevelSecurity('segmentation', 'profile_address')}

        create table segmentation.segment_member (
          workspace ${key},
          segment ${key},
          profile_id ${key},
          primary key (workspace, segment, profile_id)
        );
        create index segment_member_share on segmentation.segment_member (workspace, segment, profile_id) where ${inShare};
        ${rowLevelSecurity('segmentation', 'segment_member')}

        create table segmentation.event_history (
          day date not null,
          workspace ${key},
          profile_id ${key},
          message_id ${key},
          type text not null,
          name text not null,
          received_at timestamptz not null,
          happened_at int8 not null,
          -- What the columns do not say of it.
          event jsonb not null,
          -- What it counts as, as a number: in the key, so that whoever looks for something done reads the rows of nothing else.
          counts_as int4 not null,
          primary key (workspace, profile_id, message_id, counts_as, day)
        ) partition by range (day);
        ${rowLevelSecurity('segmentation', 'event_history')}

        -- Holds nothing: it is locked by those who write down that messages were sent, and by those who count them.
        create table segmentation.sent_gate ();

        create table segmentation.profile_group (
          workspace ${key},
          group_id ${key},
          created_at timestamptz not null,
          traits jsonb not null,
          version int8 not null,
          times jsonb not null,
          -- Of the traits as JSON: what of them has room beside those of other groups.
          length int4 not null,
          changed_at int8 not null,
          primary key (workspace, group_id)
        ) with (fillfactor = 75);
        ${rowLevelSecurity('segmentation', 'profile_group')}

        create table segmentation.group_member (
          workspace ${key},
          group_id ${key},
          profile_id ${key},
          since int8 not null,
          primary key (workspace, group_id, profile_id)
        );
        ${rowLevelSecurity('segmentation', 'group_member')}

        -- Groups whose traits changed, and how far their members have been told that they must be looked at.
        create table segmentation.group_news (
          workspace ${key},
          group_id ${key},
          version int8 not null,
          changed_at int8 not null,
          -- The version that the walk through the members began with.
          walked int8 not null,
          cursor text not null,
          next_at int8 not null,
          primary key (workspace, group_id)
        );
        create index group_news_due on segmentation.group_news (next_at);
        ${rowLevelSecurity('segmentation', 'group_news')}

        -- How far the profiles of a workspace have been told of its newest segments.
        create table segmentation.backfill (
          workspace text primary key,
          revision text not null,
          published_at int8 not null,
          pass int not null,
          cursor text not null,
          next_at int8 not null,
          begun_at int8 not null,
          stepped_at int8 not null,
          -- When the first pass came to its end, and when the last did.
          told_at int8,
          ended_at int8,
          -- How many profiles there were when it began, and how that is known.
          profiles int8 not null,
          method text not null,
          -- How many it went past, and how many of this pass it left to the clock.
          told int8 not null,
          left_over int8 not null,
          per_second float8,
          -- The one before that came to its end.
          last jsonb
        );
        ${rowLevelSecurity('segmentation', 'backfill')}

        -- The keys of what was counted under the newest segments and under those that somebody may not have been told to leave yet.
        create table segmentation.revision (
          workspace text not null,
          revision text not null,
          published_at int8 not null,
          counters jsonb not null,
          primary key (workspace, revision)
        );
        ${rowLevelSecurity('segmentation', 'revision')}`,
    },
    { name: '002-erased', sql: erasedTable('segmentation') },
  ],
  dayPartitions: [{ table: 'event_history', keepDays: HISTORY_DAYS }],
};
