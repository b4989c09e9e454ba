import type { Lane, SendRequested } from '@tidings/contracts';
import { rowSet, type Tx } from '@tidings/postgres';
import { ledgerKey, sendOf, type Attempt, type LedgerKey, type Send } from './attempt.js';
import { leaseMs, type LedgerRecord } from './ledger-record.js';

/** A claimed attempt, and what speaks against making it. */
export interface Claim {
  readonly attempt: Attempt;
  /** `exited`, `consent-withdrawn` or `suppressed`, looked up in the moment of claiming; null when nothing does. */
  readonly objection: string | null;
}

/** A send with the hashes under which its address may be suppressed. */
export interface Claimable {
  readonly send: Send;
  readonly addressHashes: readonly string[];
}

const key = { day: 'date', workspace: 'text', message_id: 'uuid', endpoint: 'text' } as const;
const asked = rowSet({ ...key, profile_id: 'text', lane: 'text', traceparent: 'text' });
const doubted = rowSet({ workspace: 'text', profile_id: 'text', run_id: 'text', due_at: 'timestamptz', hashes: 'text', at: 'int4' });
const recorded = rowSet({
  ...key, profile_id: 'text', lane: 'text', claim: 'int4', state: 'text', attempt: 'int4', deferrals: 'int4', ambiguous: 'bool', reason: 'text', detail: 'text',
  provider: 'text', provider_message_id: 'text', after_ms: 'int8', request: 'text', traceparent: 'text',
}); // prettier-ignore
/** What recording writes, and how it comes from the record. */
const written = {
  state: 'state', attempt: 'attempt', deferrals: 'deferrals', prior_ambiguous: 'ambiguous', reason: 'reason', detail: 'detail', provider: 'provider',
  provider_message_id: 'provider_message_id', next_attempt_at: `now() + after_ms * interval '1 ms'`, request: 'request::jsonb', traceparent: 'traceparent',
  finished_at: 'case when after_ms is null then now() end',
} as const; // prettier-ignore
const setWritten = Object.keys(written)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

interface ClaimedRow extends Omit<LedgerKey, 'day'> {
  readonly claim: number;
  readonly attempt: number;
  readonly deferrals: number;
}
interface ObjectionRow {
  readonly at: number;
  readonly objection: string;
}
interface DueRow extends ClaimedRow {
  readonly request: SendRequested;
  readonly traceparent: string | null;
  readonly prior_ambiguous: boolean;
  readonly was: string;
  readonly recalled: string | null;
  readonly overdue_ms: number;
}

/**
 * Where each send happens once: claimed before the provider is called, recorded after. Rows are found by inserting them
 * again: a conflict goes by the key, whatever the planner knows of a partition that was made today.
 */
export class Ledger {
  constructor(private readonly schema: string) {}

  /**
   * Claims the sends that nobody has claimed, and takes over those whose claim was left open; those that are done or
   * wait for their retry are left out. An open one counts as one more attempt.
   */
  async claim(tx: Tx, sends: readonly Claimable[]): Promise<readonly Claim[]> {
    if (sends.length === 0) return [];
    const [rows, objections] = await Promise.all([
      tx.query<ClaimedRow>(this.claimSql(), asked.parameters(sends.map(askedRow))),
      tx.query<ObjectionRow>(this.objectionsSql(), doubted.parameters(sends.map(doubtedRow))),
    ]);
    const claimed = new Map(rows.map((row) => [`${row.message_id} ${row.workspace} ${row.endpoint}`, row]));
    const objectionAt = new Map(objections.map(({ at, objection }) => [at, objection]));
    return sends.flatMap(({ send }, at) => {
      const row = claimed.get(send.key);
      if (row === undefined) return [];
      const foundOpen = row.claim > 1;
      const attempt = { send, claim: row.claim, number: row.attempt, deferrals: row.deferrals, priorAmbiguous: foundOpen, foundOpen };
      return [{ attempt, objection: objectionAt.get(at) ?? null }];
    });
  }

  /** Claims retries of a lane that are due, the longest overdue first, and retries whose claim was left open; others' are skipped. */
  async claimDue(tx: Tx, lane: Lane, limit: number): Promise<{ readonly claims: readonly Claim[]; readonly overdueMs: number }> {
    const rows = await tx.query<DueRow>(this.claimDueSql(), [lane, limit]);
    const claims = rows.map(({ request, traceparent, claim, attempt, deferrals, prior_ambiguous, was, recalled, ...row }): Claim => {
      const endpoint = request.endpoints.find(({ id }) => id === row.endpoint);
      if (!endpoint) throw new Error(`the kept request of ${request.messageId} has no endpoint ${row.endpoint}`);
      const send = sendOf(request, endpoint, traceparent);
      const claimed = { send, claim, number: attempt, deferrals, priorAmbiguous: prior_ambiguous, foundOpen: was === 'claimed' };
      return { attempt: claimed, objection: recalled };
    });
    return { claims, overdueMs: Math.max(0, ...rows.map(({ overdue_ms }) => overdue_ms)) };
  }

  /** Records what became of claimed attempts; one that was claimed anew since then is left to its new owner. */
  async record(tx: Tx, records: readonly LedgerRecord[]): Promise<void> {
    if (records.length === 0) return;
    await tx.query(this.recordSql(), recorded.parameters(records));
  }

  private claimSql(): string {
    return `
      insert into ${this.schema}.ledger as l (day, workspace, message_id, endpoint, profile_id, lane, traceparent, state, claim, attempt, claimed_at)
      select ${asked.names}, 'claimed', 1, 1, now() from ${asked.source()}
      on conflict (day, workspace, message_id, endpoint) do update
         set claim = l.claim + 1, attempt = l.attempt + 1, prior_ambiguous = true, claimed_at = now()
       where l.state = 'claimed' and l.next_attempt_at is null
      returning workspace, message_id, endpoint, claim, attempt, deferrals`;
  }

  private objectionsSql(): string {
    return `
      select at, objection from (
        select r.at, coalesce(${this.recalledSql('r.workspace', 'r.profile_id', 'r.run_id', 'r.due_at')},
                 case when exists (select from ${this.schema}.suppression s
                   where s.workspace = r.workspace and s.address_hash = any(string_to_array(r.hashes, ','))) then 'suppressed' end) as objection
          from ${doubted.source()}) o
       where objection is not null`;
  }

  private claimDueSql(): string {
    return `
      with due as (
        select * from ${this.schema}.ledger
         where next_attempt_at <= now() and lane = $1 order by next_attempt_at limit $2 for update skip locked),
      taken as (
        insert into ${this.schema}.ledger as l (day, workspace, message_id, endpoint, profile_id, lane, state, claim, attempt, claimed_at)
        select day, workspace, message_id, endpoint, profile_id, lane, state, claim, attempt, claimed_at from due
        on conflict (day, workspace, message_id, endpoint) do update
           set state = 'claimed', claim = l.claim + 1, attempt = l.attempt + 1, prior_ambiguous = l.prior_ambiguous or l.state = 'claimed',
               claimed_at = now(), next_attempt_at = now() + interval '${leaseMs} ms'
        returning day, workspace, message_id, endpoint, claim, attempt, prior_ambiguous)
      select r.workspace, r.message_id, r.endpoint, t.claim, t.attempt, r.deferrals, r.request, r.traceparent, t.prior_ambiguous, r.state as was,
        ${this.recalledSql('r.workspace', 'r.profile_id', `r.request->'journey'->>'runId'`, `(r.request->>'dueAt')::timestamptz`)} as recalled,
        (extract(epoch from now() - r.next_attempt_at) * 1000)::float8 as overdue_ms
        from due r join taken t using (day, workspace, message_id, endpoint) order by r.next_attempt_at`;
  }

  private recordSql(): string {
    const known = 'day, workspace, message_id, endpoint, profile_id, lane, claim';
    return `
      insert into ${this.schema}.ledger as l (${known}, claimed_at, ${Object.keys(written).join(', ')})
      select ${known}, now(), ${Object.values(written).join(', ')} from ${recorded.source()}
      on conflict (day, workspace, message_id, endpoint) do update set ${setWritten}
       where l.state = 'claimed' and l.claim = excluded.claim`;
  }

  /** The reason of a recall that covers a message which became due then, or null. */
  private recalledSql(workspace: string, profileId: string, runId: string, dueAt: string): string {
    return `(select c.reason from ${this.schema}.recall c
              where c.workspace = ${workspace} and c.profile_id = ${profileId} and c.run_id in (${runId}, '') and c.at >= ${dueAt}
              order by c.run_id desc limit 1)`;
  }
}

function askedRow({ send }: Claimable) {
  const { profileId, lane } = send.request;
  return { ...ledgerKey(send), profile_id: profileId, lane, traceparent: send.traceparent };
}

function doubtedRow({ send: { request }, addressHashes }: Claimable, at: number) {
  const { workspace, profileId, journey, dueAt } = request;
  return { workspace, profile_id: profileId, run_id: journey.runId, due_at: dueAt, hashes: addressHashes.join(','), at };
}
