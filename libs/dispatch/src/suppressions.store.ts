import type { Batch } from '@tidings/bus';
import type { Channel, SendRecalled, SuppressionReason } from '@tidings/contracts';
import { rowSet, type Database, type Tx } from '@tidings/postgres';

/** An address that nothing more may be sent to, by its hash. */
export interface SuppressedAddress {
  readonly workspace: string;
  readonly hash: string;
  readonly reason: SuppressionReason;
  readonly at: Date;
  /** The key that asked for it, `provider` for its direct answer, or `report` for what came back later. */
  readonly actor: string;
  readonly note: string | null;
}

/** A message that an address was in trouble with: so many of them suppress it. */
export interface SoftBounce {
  readonly workspace: string;
  readonly hash: string;
  readonly messageId: string;
  readonly at: Date;
}

const rows = rowSet({ workspace: 'text', hash: 'text', reason: 'text', at: 'timestamptz', actor: 'text', note: 'text' });
const soft = rowSet({ workspace: 'text', hash: 'text', message_id: 'text', at: 'timestamptz' });

/** How long a soft bounce counts. */
export const softBounceDays = 30;

/** The suppressed addresses of a channel, and the soft bounces on the way to it. */
export class Suppressions {
  constructor(
    private readonly schema: string,
    private readonly channel: Channel,
    private readonly database: Database,
    /** Messages within 30 days that bounce softly before an address is suppressed. */
    private readonly softBounceLimit: number,
  ) {}

  /** Which of these addresses are suppressed, by the hash. */
  async suppressed(tx: Tx, hashes: readonly string[]): Promise<ReadonlySet<string>> {
    if (hashes.length === 0) return new Set();
    const sql = `select address_hash from ${this.schema}.suppression where address_hash = any($1::text[])`;
    const found = await tx.query<{ address_hash: string }>(sql, [hashes]);
    return new Set(found.map(({ address_hash }) => address_hash));
  }

  /** Nothing more to these, from now on. What was said in a report before somebody lifted it is not held against an address again. */
  async suppress(tx: Tx, addresses: readonly SuppressedAddress[]): Promise<void> {
    if (addresses.length === 0) return;
    await tx.query(
      `with added as (
         insert into ${this.schema}.suppression (workspace, address_hash, reason, at, actor, note)
         select distinct on (workspace, hash) workspace, hash, reason, at, actor, note from ${rows.source()}
          where r.actor <> 'report' or not exists (select from ${this.schema}.suppression_change c
                 where c.workspace = r.workspace and c.address_hash = r.hash and c.action = 'lifted' and c.at >= r.at)
          order by workspace, hash, at
         on conflict do nothing returning *)
       insert into ${this.schema}.suppression_change (workspace, address_hash, at, action, reason, actor, note)
       select workspace, address_hash, at, 'suppressed', reason, actor, note from added`,
      rows.parameters(addresses),
    );
  }

  /** Counts soft bounces, once per message, and suppresses the addresses that have had too many. */
  async strike(tx: Tx, bounces: readonly SoftBounce[]): Promise<void> {
    if (bounces.length === 0) return;
    const struck = bounces.map(({ messageId, ...bounce }) => ({ ...bounce, message_id: messageId }));
    await tx.query(
      `insert into ${this.schema}.soft_bounce (workspace, address_hash, message_id, at)
       select workspace, hash, message_id, at from ${soft.source()}
        where not exists (select from ${this.schema}.suppression_change c
               where c.workspace = r.workspace and c.address_hash = r.hash and c.action = 'lifted' and c.at >= r.at)
       on conflict do nothing`,
      soft.parameters(struck),
    );
    const full = await tx.query<{ workspace: string; hash: string; at: Date }>(
      `select workspace, address_hash as hash, max(at) as at from ${this.schema}.soft_bounce
        where address_hash = any($1::text[]) and at > now() - interval '${softBounceDays} days'
        group by workspace, address_hash having count(*) >= $2`,
      [[...new Set(bounces.map(({ hash }) => hash))], this.softBounceLimit],
    );
    await this.suppress(tx, full.map((address) => ({ ...address, reason: 'soft_bounce', actor: 'report', note: null })));
  }

  /** What recalls of addresses on this channel mean; others are left out. */
  async keep(tx: Tx, { messages }: Pick<Batch<SendRecalled>, 'messages'>): Promise<void> {
    const mine = messages.map(({ value }) => value).filter(({ channel }) => channel === this.channel);
    const strikes: SoftBounce[] = [];
    const addresses: SuppressedAddress[] = [];
    for (const { workspace, address: hash, reason, messageId, at: instant } of mine) {
      const at = new Date(instant);
      if (hash === undefined || reason === 'exited' || reason === 'consent-withdrawn') continue;
      if (reason !== 'soft_bounce') addresses.push({ workspace, hash, reason, at, actor: 'report', note: null });
      else if (messageId !== undefined) strikes.push({ workspace, hash, messageId, at });
    }
    await this.suppress(tx, addresses);
    await this.strike(tx, strikes);
  }

  /** Forgets soft bounces that no longer count, a part at a time; true when there may be more. */
  async forgetOld(workspaces: readonly string[]): Promise<boolean> {
    const sql = `
      delete from ${this.schema}.soft_bounce where ctid = any(array(
        select ctid from ${this.schema}.soft_bounce where at < now() - interval '${softBounceDays} days' limit 1000)) returning 1`;
    const gone = await this.database.transact({ workspaces }, (tx) => tx.query(sql));
    return gone.length === 1000;
  }
}
