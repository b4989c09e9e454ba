import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ErasureStep } from '@tidings/contracts';
import { rowSet, type Database, type Tx } from '@tidings/postgres';
import { nameOfId, type Erased, type ErasedMap, type IdRef } from './erased.js';

const rows = rowSet({ workspace: 'text', id_hash: 'text', requested_at: 'timestamptz', until: 'timestamptz' });

/** How long an id is remembered: longer than any topic keeps what was on its way, so that no replay brings data back. */
const KEEP_DAYS = 35;

interface Row {
  readonly id_hash: string;
  readonly requested_at: Date;
  readonly until: Date;
}

/**
 * Who was erased, as keyed hashes in the table `erased` of one schema. A transaction that takes something in asks `of` before
 * anything else; one that erases says `begin` before anything else: the two never overlap, so nothing slips in between.
 */
export class ErasedIds {
  private readonly keys: readonly KeyObject[];

  /** The master key, or several joined by commas while keys are rotated: the first makes hashes, all are looked for. */
  constructor(
    private readonly schema: string,
    masterKey: string,
  ) {
    this.keys = masterKey.split(',').map((key) => createSecretKey(Buffer.from(hkdfSync('sha256', key.trim(), 'tidings', 'erasure', 32))));
  }

  /** Those of these ids whose persons were erased; erasures wait until the transaction ends. Nothing is hashed where nobody was erased. */
  async of(tx: Tx, refs: () => readonly IdRef[]): Promise<ErasedMap> {
    // Sent together, as two statements: the second sees what was stored while the first waited.
    const [, some] = await Promise.all([
      tx.query(`select pg_advisory_xact_lock_shared(${this.lock})`),
      tx.query<{ found: boolean }>(`select exists (select from ${this.schema}.erased) as found`),
    ]);
    return some[0]?.found === true ? this.lookUp(tx, refs()) : new Map();
  }

  /** Waits for every transaction that takes something in, and makes those to come wait for this one. */
  async begin(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${this.lock})`);
  }

  /** Those of these ids whose persons were erased, in a transaction that has called `of` or `begin`. */
  async lookUp(tx: Tx, refs: readonly IdRef[]): Promise<ErasedMap> {
    const names = new Map<string, string>();
    for (const ref of refs) for (const key of this.keys) names.set(hashOf(key, ref), nameOfId(ref));
    const found = await tx.query<Row>(
      `select id_hash, requested_at, until from ${this.schema}.erased where id_hash = any($1::text[])`,
      [[...names.keys()]],
    );
    return new Map(
      found.map(({ id_hash: hash, requested_at: requestedAt, until }): [string, Erased] => [
        names.get(hash) ?? '',
        { requestedAt: requestedAt.toISOString(), until: until.toISOString() },
      ]),
    );
  }

  /** Remembers the ids of an erasure. */
  async keep(tx: Tx, { workspace, ids, requestedAt }: Pick<ErasureStep, 'workspace' | 'ids' | 'requestedAt'>, until: Date): Promise<void> {
    const [key] = this.keys;
    if (key === undefined) return;
    const hashes = [...new Set(ids)].map((profileId) => hashOf(key, { workspace, profileId })).toSorted();
    await tx.query(
      `insert into ${this.schema}.erased as e (${rows.names}) select ${rows.names} from ${rows.source()}
       on conflict (workspace, id_hash) do update
          set requested_at = greatest(e.requested_at, excluded.requested_at), until = greatest(e.until, excluded.until)`,
      rows.parameters(hashes.map((hash) => ({ workspace, id_hash: hash, requested_at: requestedAt, until }))),
    );
  }

  /** Forgets whom no message can be about any more. */
  async forgetOld(database: Database, workspaces: readonly string[]): Promise<void> {
    await database.transact({ workspaces }, (tx) =>
      tx.query(`delete from ${this.schema}.erased where until < now() - interval '${KEEP_DAYS} days'`),
    );
  }

  private get lock(): string {
    return `hashtextextended('tidings.erased.${this.schema}', 0)`;
  }
}

/** No workspace id has a line feed in it. */
const hashOf = (key: KeyObject, { workspace, profileId }: IdRef): string =>
  createHmac('sha256', key).update(`${workspace}\n${profileId}`).digest('base64url');
