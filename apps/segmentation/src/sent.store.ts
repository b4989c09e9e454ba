import { Injectable } from '@nestjs/common';
import type { Envelope, Outgoing, Position } from '@tidings/bus';
import { Database, type Tx } from '@tidings/postgres';
import { remember } from './event-history.store.js';
import { pastOf } from './history-reading.store.js';
import { ErasedIds } from '@tidings/service';
import { meetGroups } from './group.store.js';
import type { HeardEvent } from './heard-event.js';
import { kept } from './pieces.js';
import type { ProfileMap } from './profile-map.js';
import { held } from './profile-lock.store.js';
import { ProfileStore, type Past, type Plan } from './profile.store.js';
import { profileColumns } from './profile-writing.store.js';
import { countsSent, passGate } from './sent-gate.store.js';

/** What is to become of profiles to which messages were sent. */
export interface SentPlan extends Pick<Plan, 'missing'> {
  /** Whether a segment asks for it. */
  heeds(event: HeardEvent): boolean;
  /** When the newest segments that are known here were published, in ms. */
  publishedAt(workspace: string): number;
  decide(profiles: ProfileMap, past: Past, fresh: readonly Envelope<HeardEvent>[]): readonly Outgoing[];
}

/** Where it is kept that messages were sent. */
@Injectable()
export class SentStore {
  constructor(
    private readonly db: Database,
    private readonly profiles: ProfileStore,
    private readonly erased: ErasedIds,
  ) {}

  /**
   * All or nothing: history of all of them, profiles of those that somebody asks for, and how far we have read. Where nobody
   * asks, no profile is held: one statement writes all of them down. Messages to those who were erased are left out.
   */
  async change(
    messages: readonly Envelope<HeardEvent>[],
    positions: readonly Position[],
    now: Date,
    plan: SentPlan,
  ): Promise<void> {
    const workspaces = [...new Set(messages.map(({ value }) => value.workspace))];
    await this.db.transact({ workspaces, positions }, async (tx) => {
      const erased = await this.erased.of(tx, () => messages.map(({ value }) => value));
      const others = kept(messages, erased);
      if (others.length === 0) return;
      const events = others.map(({ value }) => value);
      const { profiles, asked } = await heldFor(tx, events, plan);
      await meetGroups(tx, profiles, []);
      const past = await pastOf(tx, plan.missing(profiles));
      // Not all of them are held: what is not in hand may be known.
      const fresh = await remember(tx, events, () => false);
      const heard = others.filter(({ value }) => fresh.has(value) && asked.has(value));
      await this.profiles.settle(tx, profiles, now, plan.decide(profiles, past, heard));
    });
  }
}

/** The profiles that must be held, and the events that they are held for. */
async function heldFor(
  tx: Tx,
  events: readonly HeardEvent[],
  plan: SentPlan,
): Promise<{ profiles: ProfileMap; asked: ReadonlySet<HeardEvent> }> {
  const heeded = events.filter((event) => plan.heeds(event));
  const profiles = await held(tx, heeded, profileColumns);
  const rules = plan.missing(profiles).flatMap((each) => each.rules);
  await passGate(tx, countsSent(rules) ? 'writes-and-counts' : 'writes');
  const known = new Set(heeded);
  const others = events.filter((event) => !known.has(event));
  const missed = await missedBy(tx, others, plan);
  if (missed.length === 0) return { profiles, asked: known };
  const asked = [...heeded, ...missed];
  return { profiles: await held(tx, asked, profileColumns), asked: new Set(asked) };
}

/**
 * Events of profiles that were held against newer segments than are known here, which may ask for them; and of ids that nothing is
 * known of, as after a crash: what is written down must have somebody whose it is, or who comes later would not be counted by it.
 */
async function missedBy(tx: Tx, events: readonly HeardEvent[], plan: SentPlan): Promise<readonly HeardEvent[]> {
  if (events.length === 0) return [];
  const rows = await tx.query<{ place: number }>(
    `select k.place - 1 as place
       from unnest($1::text[], $2::text[], $3::int8[]) with ordinality as k(workspace, profile_id, published_at, place)
      left join lateral (
        select coalesce(
                 (select r.known_at from segmentation.profile r where r.workspace = p.workspace and r.profile_id = p.merged_into),
                 p.known_at) as known_at
          from segmentation.profile p where p.workspace = k.workspace and p.profile_id = k.profile_id limit 1) p on true
      where p.known_at is null or p.known_at > k.published_at`,
    [
      events.map(({ workspace }) => workspace),
      events.map(({ profileId }) => profileId),
      events.map(({ workspace }) => plan.publishedAt(workspace)),
    ],
  );
  return rows.flatMap(({ place }) => events[place] ?? []);
}
