import { rowLevelSecurity, type AppSchema } from '@tidings/postgres';

/** How long the ledger knows a send: longer than its topic keeps the request, so that no replay sends twice. */
const ledgerDays = 35;

/** Everything a dispatcher keeps: the ledger of sends, recalls, suppressed addresses with their history, soft bounces. */
export function dispatchSchema(schema: 'dispatcher_push' | 'dispatcher_email'): AppSchema {
  return {
    schema,
    // Every row is written twice: claimed, then recorded, with more in it.
    dayPartitions: [{ table: 'ledger', keepDays: ledgerDays, fillFactor: 45 }],
    migrations: [
      { name: '001-ledger', sql: ledger(schema) },
      { name: '002-recall', sql: recall(schema) },
      { name: '003-suppression', sql: suppression(schema) },
    ],
  };
}

/**
 * `next_attempt_at` is set for what the poller must look at: a retry at its time, and a retry that was claimed but
 * never recorded, when its lease has run out. `request` is there only while somebody may need it again. `claim` counts
 * the claims: it tells who holds the row. It sets no index column, so that recording can be a heap-only update.
 */
const ledger = (schema: string): string => `
  create table ${schema}.ledger (
    day date not null,
    workspace text not null,
    message_id uuid not null,
    endpoint text not null,
    profile_id text not null,
    lane text not null,
    state text not null check (state in ('claimed', 'sent', 'failed', 'withheld', 'retry', 'ambiguous')),
    claim int not null,
    attempt int not null,
    deferrals int not null default 0,
    prior_ambiguous boolean not null default false,
    reason text,
    detail text,
    provider text,
    provider_message_id text,
    traceparent text,
    request jsonb,
    claimed_at timestamptz not null,
    next_attempt_at timestamptz,
    finished_at timestamptz,
    primary key (day, workspace, message_id, endpoint)
  ) partition by range (day);
  create index ledger_next_attempt on ${schema}.ledger (next_attempt_at) where next_attempt_at is not null;
  -- What providers said may name an address: found when its person is erased. Most rows have none, and are not in it.
  create index ledger_said on ${schema}.ledger (workspace, profile_id) where detail is not null;
  ${rowLevelSecurity(schema, 'ledger')}`;

/** `run_id` is empty where all messages to the profile on this channel are recalled. */
const recall = (schema: string): string => `
  create table ${schema}.recall (
    workspace text not null,
    profile_id text not null,
    run_id text not null,
    reason text not null,
    at timestamptz not null,
    primary key (workspace, profile_id, run_id)
  );
  create index recall_at on ${schema}.recall (at);
  ${rowLevelSecurity(schema, 'recall')}`;

/** Addresses are there by their hash only; what is known of them outlives an erasure. `note` is what a person wrote. */
const suppression = (schema: string): string => `
  create table ${schema}.suppression (
    workspace text not null,
    address_hash text not null,
    reason text not null,
    at timestamptz not null,
    actor text not null,
    note text,
    primary key (workspace, address_hash)
  );
  ${rowLevelSecurity(schema, 'suppression')}
  create table ${schema}.suppression_change (
    workspace text not null,
    address_hash text not null,
    at timestamptz not null,
    id uuid not null default gen_random_uuid(),
    action text not null check (action in ('suppressed', 'lifted')),
    reason text,
    actor text not null,
    note text,
    primary key (workspace, address_hash, at, id)
  );
  ${rowLevelSecurity(schema, 'suppression_change')}
  create table ${schema}.soft_bounce (
    workspace text not null,
    address_hash text not null,
    message_id text not null,
    at timestamptz not null,
    primary key (workspace, address_hash, message_id)
  );
  create index soft_bounce_at on ${schema}.soft_bounce (at);
  ${rowLevelSecurity(schema, 'soft_bounce')}`;
