import { PartitionLost, type Position, type Publisher } from '@tidings/bus';
import type { Channel } from '@tidings/contracts';
import type { Database } from '@tidings/postgres';
import { logger } from '@tidings/service';
import type { AddressHash } from './address-hash.js';
import { sendKey, type Attempt, type Send } from './attempt.js';
import { toDeliveryEvents } from './delivery-events.js';
import { ambiguous, attempts, suppressed } from './dispatch-metrics.js';
import { toRecord, type Settled } from './ledger-record.js';
import type { Ledger } from './ledger.store.js';

/** Which rows a piece of work sees, and how far it takes its consumer; retries take none. */
export interface Scope {
  readonly workspaces: readonly string[];
  readonly position?: Position;
}

/** What recording needs. */
export interface RecorderParts {
  readonly channel: Channel;
  readonly database: Database;
  readonly publisher: Publisher;
  readonly ledger: Ledger;
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
    return this.unrecorded.get(sendKey(send));
  }

  /** Stores all of it, or none and rejects; then it is kept, and comes back with the batch. */
  async record(settled: readonly Settled[], scope: Scope): Promise<void> {
    try {
      await this.store(settled, scope);
    } catch (error) {
      for (const one of settled) this.unrecorded.set(sendKey(one.attempt.send), one);
      if (error instanceof PartitionLost) await this.storeAsLoser(settled, scope);
      throw error;
    }
    this.forget(settled);
    this.count(settled);
  }

  private async store(settled: readonly Settled[], { workspaces, position }: Scope): Promise<void> {
    if (settled.length === 0 && position === undefined) return;
    const { database, ledger, publisher } = this.parts;
    const now = new Date();
    await database.transact({ workspaces, position }, async (tx) => {
      await ledger.record(tx, settled.map((one) => toRecord(one, now)));
      await ledger.suppress(tx, settled.flatMap((one) => this.toSuppress(one)));
      // Acknowledged before the commit: a crash in between tells the same again, and never forgets to tell.
      await publisher.publish(toDeliveryEvents(settled, now));
    });
  }

  /** Another has the partition now, but the calls were ours: what came of them is stored where the claims still are ours. */
  private async storeAsLoser(settled: readonly Settled[], { workspaces }: Scope): Promise<void> {
    this.forget(settled);
    try {
      await this.store(settled, { workspaces });
    } catch (error) {
      log.warn({ err: error, sends: settled.length }, 'sends of a lost partition stay unrecorded; their new owner takes them as ambiguous');
    }
  }

  private forget(settled: readonly Settled[]): void {
    for (const { attempt } of settled) this.unrecorded.delete(sendKey(attempt.send));
  }

  private toSuppress({ attempt: { send }, outcome }: Settled): readonly { workspace: string; hash: string; reason: string }[] {
    if (outcome.kind !== 'failed' || !outcome.suppress) return [];
    const { workspace } = send.request;
    const [hash] = this.parts.addressHash.of(this.parts.channel, workspace, send.endpoint.address);
    return hash === undefined ? [] : [{ workspace, hash, reason: outcome.reason }];
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
