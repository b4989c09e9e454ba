import { PartitionLost, type Position, type Publisher } from '@tidings/bus';
import type { Channel } from '@tidings/contracts';
import type { Database } from '@tidings/postgres';
import { logger } from '@tidings/service';
import type { AddressHash } from './address-hash.js';
import type { Attempt, Send } from './attempt.js';
import { toDeliveryEvents } from './delivery-events.js';
import { ambiguous, attempts, suppressed } from './dispatch-metrics.js';
import { toStrike, toSuppress } from './address-verdict.js';
import { toLeased, toRecord, type Settled } from './ledger-record.js';
import type { Ledger } from './ledger.store.js';
import type { Suppressions } from './suppressions.store.js';
import { toReceipts } from './direct-receipts.js';

/** Which rows a piece of work sees, and how far it takes its consumer; retries take none. */
export interface Scope {
  readonly workspaces: readonly string[];
  readonly positions?: readonly Position[];
}

/** What a piece of work has come to. */
export interface Made {
  readonly settled: readonly Settled[];
  /** Attempts whose answers come later. */
  readonly underway: readonly Attempt[];
}

/** What recording needs. */
export interface RecorderParts {
  readonly channel: Channel;
  readonly database: Database;
  readonly publisher: Publisher;
  readonly ledger: Ledger;
  readonly suppressions: Suppressions;
  readonly addressHash: AddressHash;
}

const log = logger('dispatch');

/** Stores what became of attempts together with the position, and tells it on `delivery-events`. */
export class Recorder {
  /** Answers that could not be stored yet: when their batch is tried again, the provider must not be called again. */
  private readonly unrecorded = new Map<string, Settled>();

  constructor(private readonly parts: RecorderParts) {}

  /** What became of a send in this life of the process and is not stored yet. */
  unrecordedOf(send: Send): Settled | undefined {
    return this.unrecorded.get(send.key);
  }

  /** Stores all of it, or none and rejects; then it is kept, and comes back with the batch. */
  async record(made: Made, scope: Scope): Promise<void> {
    const { settled } = made;
    try {
      await this.store(made, scope);
    } catch (error) {
      for (const one of settled) this.unrecorded.set(one.attempt.send.key, one);
      if (error instanceof PartitionLost) await this.storeAsLoser(made, scope);
      throw error;
    }
    this.forget(settled);
    this.count(settled);
  }

  private async store({ settled, underway }: Made, { workspaces, positions }: Scope): Promise<void> {
    if (settled.length + underway.length === 0 && positions === undefined) return;
    const { database, ledger, publisher, suppressions, addressHash } = this.parts;
    const now = new Date();
    await database.transact({ workspaces, positions }, async (tx) => {
      await ledger.record(tx, [...settled.map((one) => toRecord(one, now)), ...underway.map(toLeased)]);
      await suppressions.suppress(tx, settled.flatMap((one) => toSuppress(one, addressHash, now)));
      await suppressions.strike(tx, settled.flatMap((one) => toStrike(one, addressHash, now)));
      // Acknowledged before the commit: a crash in between tells the same again, and never forgets to tell.
      await publisher.publish([...toDeliveryEvents(settled, now), ...toReceipts(settled, now)]);
    });
  }

  /** Another has the partition now, but the calls were ours: what came of them is stored where the claims still are ours. */
  private async storeAsLoser(made: Made, { workspaces }: Scope): Promise<void> {
    this.forget(made.settled);
    try {
      await this.store(made, { workspaces });
    } catch (error) {
      log.warn({ err: error, sends: made.settled.length }, 'sends of a lost partition stay unrecorded; their new owner takes them as ambiguous');
    }
  }

  private forget(settled: readonly Settled[]): void {
    for (const { attempt } of settled) this.unrecorded.delete(attempt.send.key);
  }

  private count(settled: readonly Settled[]): void {
    const { channel } = this.parts;
    for (const { attempt, outcome } of settled) {
      attempts.add(1, { channel, outcome: outcome.kind });
      if (outcome.kind === 'withheld') suppressed.add(1, { channel, reason: outcome.reason });
      if (isAmbiguous(attempt, outcome)) ambiguous.add(1, { channel });
    }
  }
}

const isAmbiguous = (attempt: Attempt, outcome: Settled['outcome']): boolean =>
  attempt.foundOpen || outcome.kind === 'ambiguous' || (outcome.kind === 'retry' && outcome.ambiguous);
