import { Injectable } from '@nestjs/common';
import { Publisher, type Due, type Envelope, type Outgoing, type Position } from '@tidings/bus';
import type { AcceptedEvent } from '@tidings/contracts';
import { Database, type Tx } from '@tidings/postgres';
import type { Counters, PastOccurrence } from '@tidings/segment';
import { ErasedIds } from '@tidings/service';
import { ErasingStore } from './erasing.store.js';
import { remember } from './event-history.store.js';
import { historiesOf, pastOf, type Asked } from './history-reading.store.js';
import { meetGroups } from './group.store.js';
import type { ProfileRef } from './known-profile.js';
import { intend, Unasked } from './merge-intent.store.js';
import { MergeIntents } from './merge-intents.js';
import { intentsOf } from './merging.js';
import { isErasure, kept, piecesOf } from './pieces.js';
import { held } from './profile-lock.store.js';
import { ProfileMap } from './profile-map.js';
import { countsSent, passGate } from './sent-gate.store.js';
import type { ProfileRow } from './profile-row.js';
import { profileColumns, saveProfiles } from './profile-writing.store.js';
import { Underway } from './underway.js';

/** Counters from history, by `keyOf` a profile. */
export type Past = ReadonlyMap<string, Counters>;

/** What profiles did, by `keyOf` each. */
export type Histories = ReadonlyMap<string, readonly PastOccurrence[]>;

/** What is to become of profiles, in two pure steps with a look into history between them. */
export interface Plan {
  /** The counters that these profiles need and have not kept. */
  missing(profiles: ProfileMap): readonly Asked[];
  /** Changes the profiles, and says what is to be published about them. */
  decide(profiles: ProfileMap, past: Past): readonly Outgoing[];
}

/** The same for a batch of events: each of `fresh`, in this order. */
export interface EventPlan extends Pick<Plan, 'missing'> {
  /** The profiles whose whole history is needed, because they may turn out to be others. */
  joining(profiles: ProfileMap, events: readonly AcceptedEvent[]): readonly Asked[];
  decide(
    profiles: ProfileMap,
    past: Past,
    histories: Histories,
    fresh: readonly Envelope<AcceptedEvent>[],
  ): readonly Outgoing[];
}

/** How events are to be followed. */
interface Change {
  readonly now: Date;
  readonly planOf: () => EventPlan;
  readonly intents: MergeIntents;
}

/**
 * Where profiles live. Events and the clock come in by different doors and meet in `settle`: what is published about a
 * profile is acknowledged before its row is released, so it is in the order in which the row changed.
 */
@Injectable()
export class ProfileStore {
  constructor(
    private readonly db: Database,
    private readonly publisher: Publisher,
    private readonly erased: ErasedIds,
    private readonly erasing: ErasingStore,
  ) {}

  /**
   * All or nothing: history, profiles, memberships, what is published, and how far we have read. Rows are locked in one order.
   * `planOf` makes a plan for the events between two erasures. What is left of somebody who was erased is not taken in.
   */
  async change(
    messages: readonly Envelope<AcceptedEvent>[],
    positions: readonly Position[],
    now: Date,
    planOf: () => EventPlan,
  ): Promise<void> {
    const workspaces = [...new Set(messages.map(({ value: { workspace } }) => workspace))];
    const intents = new MergeIntents();
    for (;;) {
      try {
        return await this.db.transact({ workspaces, positions }, (tx) => this.changeIn(tx, messages, { now, planOf, intents }));
      } catch (error) {
        if (!(error instanceof Unasked)) throw error;
        // Not in the transaction that merges, which may come to nothing; nor beside it, where each would need two connections.
        intents.answer(error.intents, await intend(this.db, error.intents));
      }
    }
  }

  private async changeIn(tx: Tx, messages: readonly Envelope<AcceptedEvent>[], change: Change): Promise<void> {
    if (!messages.some(isErasure)) {
      const erased = await this.erased.of(tx, () => messages.map(({ value }) => value));
      return this.follow(tx, kept(messages, erased), change);
    }
    await this.erased.begin(tx);
    for (const piece of piecesOf(messages)) await this.changeOrErase(tx, piece, change);
  }

  private async changeOrErase(tx: Tx, messages: readonly Envelope<AcceptedEvent>[], change: Change): Promise<void> {
    if (messages.every(isErasure)) {
      for (const message of messages) await this.erasing.erase(tx, message, profileColumns);
      return;
    }
    const erased = await this.erased.lookUp(
      tx,
      messages.map(({ value }) => value),
    );
    await this.follow(tx, kept(messages, erased), change);
  }

  private async follow(tx: Tx, messages: readonly Envelope<AcceptedEvent>[], { now, planOf, intents }: Change): Promise<void> {
    const events = messages.map(({ value }) => value);
    const profiles = await held(tx, events, profileColumns);
    const unasked = intents.unasked(intentsOf(profiles, events));
    if (unasked.length > 0) throw new Unasked(unasked);
    profiles.intents = intents;
    const plan = planOf();
    await meetGroups(tx, profiles, events);
    const missing = plan.missing(profiles);
    if (isSaidOfSent(missing)) await passGate(tx, 'counts');
    // In this order and in one go: the batch's own events are counted as they are heard, and become history after it was read.
    const [past, histories, fresh] = await Promise.all([
      pastOf(tx, missing),
      historiesOf(tx, plan.joining(profiles, events)),
      remember(tx, events, (event) => profiles.isUnknown(event)),
    ]);
    const heard = messages.filter(({ value }) => fresh.has(value));
    await this.settle(tx, profiles, now, plan.decide(profiles, past, histories, heard));
  }

  /** The same for at most `limit` profiles whose time has come, the longest overdue first; those another replica holds are left to it. */
  async changeDue(workspaces: readonly string[], due: Due, limit: number, plan: Plan): Promise<void> {
    await this.db.transact({ workspaces }, async (tx) => {
      const rows = await tx.query<ProfileRow>(
        `select ${profileColumns} from segmentation.profile p where wake_at <= $1 and merged_into is null and not ${isBehind(3)} order by wake_at limit $2 for update skip locked`,
        [due.now.getTime(), limit, ...behind(due)],
      );
      await this.settleDue(tx, rows, due.now, plan);
    });
  }

  /** The same for one profile, when its time has come and nobody else holds it. */
  async changeOneDue({ workspace, profileId }: ProfileRef, due: Due, plan: Plan): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, async (tx) => {
      const rows = await tx.query<ProfileRow>(
        `select ${profileColumns} from segmentation.profile p
          where workspace = $1 and profile_id = $2 and wake_at <= $3 and merged_into is null and not ${isBehind(4)} for update skip locked`,
        [workspace, profileId, due.now.getTime(), ...behind(due)],
      );
      await this.settleDue(tx, rows, due.now, plan);
    });
  }

  /** The first moment after `now` at which a profile must be looked at, in ms; null when there is none. */
  async nextDue(workspaces: readonly string[], now: Date): Promise<number | null> {
    const [first] = await this.db.transact({ workspaces }, (tx) =>
      tx.query<{ readonly wake_at: number }>('select wake_at from segmentation.profile where wake_at > $1 order by wake_at limit 1', [now.getTime()]),
    );
    return first?.wake_at ?? null;
  }

  /** Has a profile looked at again at `until`, so that it stands in nobody's way before. */
  async postpone({ workspace, profileId }: ProfileRef, until: Date): Promise<void> {
    await this.db.transact({ workspaces: [workspace] }, (tx) =>
      tx.query('update segmentation.profile set wake_at = $3 where workspace = $1 and profile_id = $2 and merged_into is null', [
        workspace,
        profileId,
        until.getTime(),
      ]),
    );
  }

  private async settleDue(tx: Tx, rows: readonly ProfileRow[], now: Date, plan: Plan): Promise<void> {
    if (rows.length === 0) return;
    const profiles = ProfileMap.of(rows);
    await meetGroups(tx, profiles, []);
    const missing = plan.missing(profiles);
    if (isSaidOfSent(missing)) await passGate(tx, 'counts');
    await this.settle(tx, profiles, now, plan.decide(profiles, await pastOf(tx, missing)));
  }

  /**
   * What became of profiles whose rows the transaction holds. It is published before the commit: a crash in between repeats the same
   * causes, and loses none.
   */
  async settle(tx: Tx, profiles: ProfileMap, now: Date, messages: readonly Outgoing[]): Promise<void> {
    const works = new Underway();
    if (messages.length > 0) works.begin(this.publisher.publish(messages));
    works.begin(saveProfiles(tx, profiles, now));
    await works.done();
  }
}

/** Whether any of them is asked what was sent to them. */
const isSaidOfSent = (asked: readonly Asked[]): boolean => countsSent(asked.flatMap(({ rules }) => rules));

/** Whether a profile's partition is behind, and the profile due later than what was heard of it; parameters from `first`. */
const isBehind = (first: number): string => `exists (
  select from unnest($${first}::int[], $${first + 1}::float8[]) as b(partition, until) where b.partition = p.partition and p.wake_at > b.until)`;

const behind = ({ behind: partitions }: Due): readonly unknown[] => [
  partitions.map(({ partition }) => partition),
  partitions.map(({ until }) => until),
];
