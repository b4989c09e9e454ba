import { rowLevelSecurity, type AppSchema } from '@tidings/postgres';

/** The tables of the API: definitions with every version, the audit trail, dead letters, the sandbox's messages, and the receipts of erasures. */
export const apiSchema: AppSchema = {
  schema: 'api',
  migrations: [
    {
      name: '001-definitions',
      sql: `
        create table api.definition (
          workspace text not null,
          kind text not null,
          id text not null,
          version integer not null,
          status text not null,
          body jsonb not null,
          published_at timestamptz not null,
          published_by text not null,
          -- Of a snapshot: the moment of which its members are.
          taken_at timestamptz,
          primary key (workspace, kind, id, version)
        );
        ${rowLevelSecurity('api', 'definition')}
        create table api.audit (
          workspace text not null,
          at timestamptz not null,
          id uuid not null,
          actor text not null,
          action text not null,
          subject text not null,
          detail jsonb not null,
          primary key (workspace, at, id)
        );
        ${rowLevelSecurity('api', 'audit')}`,
    },
    {
      name: '002-dead-letters',
      sql: `
        create table api.dead_letter (
          workspace text not null,
          id text not null,
          at timestamptz not null,
          consumer text not null,
          source_topic text not null,
          source_partition integer not null,
          source_offset bigint not null,
          attempts integer not null,
          error_class text not null,
          reason text not null,
          key text,
          headers jsonb not null,
          value bytea,
          state text not null default 'waiting',
          primary key (workspace, id)
        );
        create index dead_letter_newest on api.dead_letter (workspace, at desc, id desc);
        -- A message that was set aside twice around a crash waits once. Not every message has a place; and a topic that was made anew has other messages at the same.
        create unique index dead_letter_waiting on api.dead_letter (workspace, consumer, source_topic, source_partition, source_offset, md5(coalesce(value, '')))
          where state = 'waiting' and source_partition >= 0 and source_offset >= 0;
        ${rowLevelSecurity('api', 'dead_letter')}`,
    },
    {
      name: '003-sandbox',
      sql: `
        create table api.sandbox_message (
          day date not null,
          workspace text not null,
          message_id uuid not null,
          endpoint text not null,
          profile_id text not null,
          channel text not null,
          provider text not null,
          address text not null,
          content jsonb not null,
          at timestamptz not null,
          journey text not null,
          step text not null,
          primary key (day, workspace, message_id, endpoint)
        ) partition by range (day);
        create index sandbox_message_newest on api.sandbox_message (workspace, at desc, message_id desc, endpoint desc);
        ${rowLevelSecurity('api', 'sandbox_message')}`,
    },
    {
      name: '004-erasures',
      sql: `
        create table api.erasure (
          workspace text not null,
          id text not null,
          requested_at timestamptz not null,
          -- The ids of the person, until everything of theirs has gone.
          ids jsonb,
          done_at timestamptz,
          primary key (workspace, id)
        );
        create index erasure_newest on api.erasure (workspace, requested_at desc, id desc);
        create index erasure_running on api.erasure (workspace, requested_at) where done_at is null;
        ${rowLevelSecurity('api', 'erasure')}
        create table api.erasure_receipt (
          workspace text not null,
          erasure_id text not null,
          store text not null,
          at timestamptz not null,
          rows int8 not null,
          primary key (workspace, erasure_id, store)
        );
        ${rowLevelSecurity('api', 'erasure_receipt')}`,
    },
  ],
  dayPartitions: [{ table: 'sandbox_message', keepDays: 7 }],
};
