import { rowLevelSecurity, type AppSchema } from '@tidings/postgres';
import { erasedTable } from '@tidings/service';

/** A part of a key. Compared byte by byte: by the rules of a language each step down an index would cost several times that. */
const key = 'text collate "C" not null';

/** The tables of analytics: one row per message with its decision and outcomes, and the numbers made from them. */
export const analyticsSchema: AppSchema = {
  schema: 'analytics',
  migrations: [
    {
      name: '001-messages',
      sql: `
        create table analytics.message (
          day date not null,
          workspace ${key},
          message_id uuid not null,
          profile_id ${key},
          channel text not null,
          lane text,
          journey text collate "C",
          journey_version integer,
          run_id text,
          step text,
          rule text,
          "values" jsonb not null default '{}',
          endpoints integer not null default 1,
          state text not null default 'in-flight',
          reason text,
          decided_at timestamptz,
          sent_at timestamptz,
          delivered_at timestamptz,
          opened_at timestamptz,
          clicked_at timestamptz,
          converted_at timestamptz,
          outcomes jsonb not null default '[]',
          primary key (day, workspace, message_id)
        ) partition by range (day);
        -- Partial, although nearly all messages are decided: so a look-up by key can never be planned as a walk through these.
        create index message_of_profile on analytics.message (workspace, profile_id, decided_at desc, message_id desc) where decided_at is not null;
        create index message_of_journey on analytics.message (workspace, journey, decided_at desc, message_id desc) where decided_at is not null;
        -- Finds the pages that hold messages in flight. Summaries per range of pages, unlike entries per row, do not make every update write all indexes anew.
        create index message_in_flight on analytics.message using brin (state text_bloom_ops (n_distinct_per_range = 16)) with (autosummarize = on);
        ${rowLevelSecurity('analytics', 'message')}
        -- Profiles that became part of others. A message keeps the id that it went out under.
        create table analytics.merged_profile (
          workspace text not null,
          profile_id text not null,
          merged_into text not null,
          primary key (workspace, profile_id)
        );
        create index merged_profile_into on analytics.merged_profile (workspace, merged_into);
        ${rowLevelSecurity('analytics', 'merged_profile')}
        -- Numbers are kept per shard, the partition that counted them: consumers never wait for each other's rows.
        create table analytics.rollup (
          workspace ${key},
          day date not null,
          journey ${key},
          step ${key},
          channel ${key},
          metric ${key},
          reason ${key},
          shard integer not null,
          count bigint not null,
          primary key (workspace, day, journey, step, channel, metric, reason, shard)
        );
        ${rowLevelSecurity('analytics', 'rollup')}`,
    },
    { name: '002-erased', sql: erasedTable('analytics') },
    {
      name: '003-timeline',
      sql: `
        -- What happened to each profile, as facts tell it: ids and names, no properties, no traits. A row has the moments of one minute that
        -- were heard of together, each with its id: an event and what followed from it are one row instead of eight.
        create table analytics.timeline (
          day date not null,
          workspace ${key},
          profile_id ${key},
          minute timestamptz not null,
          moments jsonb not null
        ) partition by range (day);
        -- No key: whoever reads shows a moment once, and nothing is looked for before a row is written.
        create index timeline_of_profile on analytics.timeline (workspace, profile_id, minute);
        ${rowLevelSecurity('analytics', 'timeline')}`,
    },
  ],
  // Most rows are written again, with more in them, when their message is delivered, and some when it is opened and clicked.
  dayPartitions: [{ table: 'message', keepDays: 90, fillFactor: 40 }, { table: 'timeline', keepDays: 90 }],
};
