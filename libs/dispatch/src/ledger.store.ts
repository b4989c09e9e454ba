import type { Lane, SendRequested } from '@tidings/contracts';
import { rowSet, type Tx } from '@tidings/postgres';
import { keyText, ledgerKey, type Attempt, type LedgerKey, type Send } from './attempt.js';
import type { LedgerRecord } from './ledger-record.js';

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
const asked = rowSet({ ...key, profile_id: 'text', lane: 'text', run_id: 'text', due_at: 'timestamptz', hashes: 'text', traceparent: 'text' });
const open = rowSet(key);
const recorded = rowSet({
  ...key, claimed_attempt: 'int4', state: 'text', attempt: 'int4', deferrals: 'int4', ambiguous: 'bool', reason: 'text', detail: 'text', provider: 'text',
  provider_message_id: 'text', after_ms: 'int8', request: 'text', traceparent: 'text',
}); // prettier-ignore
/** What recording writes, and how it comes from the record and its claim. */
const written = {
  state: 'state', attempt: 'attempt', deferrals: 'deferrals', prior_ambiguous: 'prior_ambiguous or ambiguous', reason: 'reason', detail: 'detail',
  provider: 'provider', provider_message_id: 'provider_message_id', next_attempt_at: `now() + after_ms * interval '1 ms'`, request: 'request::jsonb',
  traceparent: 'traceparent', finished_at: 'case when after_ms is null then now() end',
} as const; // prettier-ignore
const setWritten = Object.keys(written)
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');
const sameKey = 'l.day = r.day and l.workspace = r.workspace and l.message_id = r.message_id and l.endpoint = r.endpoint';

/** How long a retry that was claimed may go unrecorded before another poller takes it for crashed. */
const leaseSeconds = 60;

interface FreshRow extends LedgerKey {
  readonly fresh: boolean;
  readonly objection: string | null;
}
interface OpenRow extends LedgerKey {
  readonly attempt: number;
  readonly deferrals: number;
}
interface DueRow extends OpenRow {
  readonly request: SendRequested;
  readonly traceparent: string | null;
  readonly prior_ambiguous: boolean;
  readonly was: string;
  readonly recalled: string | null;
  readonly overdue_ms: number;
}

/** Where each send happens once: claimed before the provider is called, recorded after. A statement per batch each. */
export class Ledger {
  constructor(private readonly schema: string) {}

  /**
   * Claims the sends that nobody has claimed, and takes over those whose claim was left open; those that are done or
   * wait for their retry are left out. An open one counts as one more attempt.
   */
  async claim(tx: Tx, sends: readonly Claimable[]): Promise<readonly Claim[]> {
    if (sends.length === 0) return [];
    const rows = await tx.query<FreshRow>(this.claimSql(), asked.parameters(sends.map(askedRow)));
    const found = new Map(rows.map((row) => [keyText(row), row]));
    const stale = rows.filter(({ fresh }) => !fresh);
    const reopened = stale.length === 0 ? [] : await tx.query<OpenRow>(this.reopenSql(), [daysOf(stale), ...open.parameters(stale)]);
    const openRows = new Map(reopened.map((row) => [keyText(row), row]));
    return sends.flatMap(({ send }) => {
      const text = keyText(ledgerKey(send));
      const row = found.get(text);
      const again = openRows.get(text);
      if (row?.fresh !== true && again === undefined) return [];
      const foundOpen = again !== undefined;
      const attempt = { send, number: again?.attempt ?? 1, deferrals: again?.deferrals ?? 0, priorAmbiguous: foundOpen, foundOpen };
      return [{ attempt, objection: row?.objection ?? null }];
    });
  }

  /** Claims retries of a lane that are due, the longest overdue first, and retries whose claim was left open; others' are skipped. */
  async claimDue(tx: Tx, lane: Lane, limit: number): Promise<{ readonly claims: readonly Claim[]; readonly overdueMs: number }> {
    const rows = await tx.query<DueRow>(this.claimDueSql(), [lane, limit]);
    const claims = rows.map(({ request, traceparent, attempt, deferrals, prior_ambiguous, was, recalled, ...row }): Claim => {
      const endpoint = request.endpoints.find(({ id }) => id === row.endpoint);
      if (!endpoint) throw new Error(`the kept request of ${request.messageId} has no endpoint ${row.endpoint}`);
      const send = { request, endpoint, traceparent };
      const claimed = { send, number: attempt, deferrals, priorAmbiguous: prior_ambiguous, foundOpen: was === 'claimed' };
      return { attempt: claimed, objection: recalled };
    });
    return { claims, overdueMs: Math.max(0, ...rows.map(({ overdue_ms }) => overdue_ms)) };
  }

  /** Which of these addresses are suppressed, by the hash. */
  async suppressed(tx: Tx, hashes: readonly string[]): Promise<ReadonlySet<string>> {
    if (hashes.length === 0) return new Set();
    const sql = `select address_hash from ${this.schema}.suppression where address_hash = any($1::text[])`;
    const rows = await tx.query<{ address_hash: string }>(sql, [hashes]);
    return new Set(rows.map(({ address_hash }) => address_hash));
  }

  /** Records what became of claimed attempts; an attempt that was claimed anew since then is left to its new owner. */
  async record(tx: Tx, records: readonly LedgerRecord[]): Promise<void> {
    if (records.length === 0) return;
    await tx.query(this.recordSql(), recorded.parameters(records));
  }

  /** Never again to these addresses. */
  async suppress(tx: Tx, addresses: readonly { readonly workspace: string; readonly hash: string; readonly reason: string }[]): Promise<void> {
    if (addresses.length === 0) return;
    const rows = rowSet({ workspace: 'text', hash: 'text', reason: 'text' });
    await tx.query(
      `insert into ${this.schema}.suppression (workspace, address_hash, reason) select * from ${rows.source()} on conflict do nothing`,
      rows.parameters(addresses),
    );
  }

  private claimSql(): string {
    return `
      with asked as materialized (select * from ${asked.source()}),
      fresh as (
        insert into ${this.schema}.ledger (day, workspace, message_id, endpoint, profile_id, lane, state, attempt, traceparent, claimed_at)
        select day, workspace, message_id, endpoint, profile_id, lane, 'claimed', 1, traceparent, now() from asked
        on conflict do nothing returning day, workspace, message_id, endpoint)
      select r.day, r.workspace, r.message_id, r.endpoint, f.endpoint is not null as fresh,
             coalesce(${this.recalledSql('r.workspace', 'r.profile_id', 'r.run_id', 'r.due_at')},
               case when exists (select from ${this.schema}.suppression s
                 where s.workspace = r.workspace and s.address_hash = any(string_to_array(r.hashes, ','))) then 'suppressed' end) as objection
        from asked r left join fresh f using (day, workspace, message_id, endpoint)`;
  }

  private reopenSql(): string {
    return `
      update ${this.schema}.ledger l
         set attempt = l.attempt + 1, prior_ambiguous = true, claimed_at = now()
        from ${open.source(2)}
       where l.day = any($1::date[]) and ${sameKey} and l.state = 'claimed' and l.next_attempt_at is null
      returning l.day, l.workspace, l.message_id, l.endpoint, l.attempt, l.deferrals`;
  }

  private claimDueSql(): string {
    return `
      with due as (
        select day, workspace, message_id, endpoint, state, next_attempt_at from ${this.schema}.ledger
         where next_attempt_at <= now() and lane = $1 order by next_attempt_at limit $2 for update skip locked)
      update ${this.schema}.ledger l
         set state = 'claimed', attempt = l.attempt + 1, prior_ambiguous = l.prior_ambiguous or r.state = 'claimed',
             claimed_at = now(), next_attempt_at = now() + interval '${leaseSeconds} s'
        from due r where ${sameKey}
      returning l.day, l.workspace, l.message_id, l.endpoint, l.attempt, l.deferrals, l.request, l.traceparent, l.prior_ambiguous, r.state as was,
        ${this.recalledSql('l.workspace', 'l.profile_id', `l.request->'journey'->>'runId'`, `(l.request->>'dueAt')::timestamptz`)} as recalled,
        (extract(epoch from now() - r.next_attempt_at) * 1000)::float8 as overdue_ms`;
  }

  /** Claims that are still ours are locked one by one by their keys; the insert then conflicts with each of them. */
  private recordSql(): string {
    const kept = 'day, workspace, message_id, endpoint, profile_id, lane, claimed_at';
    return `
      with ours as (
        select r.*, l.profile_id, l.lane, l.claimed_at, l.prior_ambiguous
          from ${recorded.source()}
         cross join lateral (
           select * from ${this.schema}.ledger l where ${sameKey} and l.state = 'claimed' and l.attempt = r.claimed_attempt for update) l)
      insert into ${this.schema}.ledger (${kept}, ${Object.keys(written).join(', ')})
      select ${kept}, ${Object.values(written).join(', ')} from ours
      on conflict (day, workspace, message_id, endpoint) do update set ${setWritten}`;
  }

  /** The reason of a recall that covers a message which became due then, or null. */
  private recalledSql(workspace: string, profileId: string, runId: string, dueAt: string): string {
    return `(select c.reason from ${this.schema}.recall c
              where c.workspace = ${workspace} and c.profile_id = ${profileId} and c.run_id in (${runId}, '') and c.at >= ${dueAt}
              order by c.run_id desc limit 1)`;
  }
}

function askedRow({ send, addressHashes }: Claimable) {
  const { request, traceparent } = send;
  const { profileId, lane, journey, dueAt } = request;
  return { ...ledgerKey(send), profile_id: profileId, lane, run_id: journey.runId, due_at: dueAt, hashes: addressHashes.join(','), traceparent };
}

const daysOf = (rows: readonly LedgerKey[]): string[] => [...new Set(rows.map(({ day }) => day))];
