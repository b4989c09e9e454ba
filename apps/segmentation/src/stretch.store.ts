import { setTimeout as sleep } from 'node:timers/promises';
import type { Outgoing } from '@tidings/bus';
import type { Tx } from '@tidings/postgres';
import { historiesOf, pastIn } from './event-history.store.js';
import { meetGroups } from './group.store.js';
import { ProfileMap } from './profile-map.js';
import type { Histories, Plan, ProfileStore } from './profile.store.js';
import type { ProfileRow } from './profile-row.js';
import { countsSent, passGate } from './sent-gate.store.js';
import { Underway } from './underway.js';

/** So many are followed in about a millisecond, and then as long belongs to others: an event passes the loop of this process some ten times. */
const FEW = 25;
/** As many activities as are worth a request. */
const MANY = 50;

/** What becomes of a stretch of profiles. */
export interface Stretch {
  readonly now: Date;
  /** A plan for each few. */
  readonly planOf: () => Plan;
  readonly profiles: Pick<ProfileStore, 'publish' | 'save'>;
}

/**
 * Follows profiles of one workspace whose rows the transaction holds, and that lie beside each other in the order of their ids. What
 * they did is read at once; then they are followed a few at a time, with room for the events of this process in between.
 */
export async function changeStretch(tx: Tx, rows: readonly ProfileRow[], stretch: Stretch): Promise<void> {
  if (rows.length === 0) return;
  const asked = stretch.planOf().missing(ProfileMap.of(rows));
  if (countsSent(asked.flatMap(({ rules }) => rules))) await passGate(tx, 'counts');
  const histories = await historiesOf(tx, asked, 'along');
  const works = new Underway();
  try {
    const left = await followed(tx, rows, histories, { ...stretch, works });
    works.begin(stretch.profiles.publish(left));
  } finally {
    await works.ended();
  }
  await works.done();
}

/** Has all of them followed and saved, and what is to be told of them published but for the rest, with which it resolves. */
async function followed(tx: Tx, rows: readonly ProfileRow[], histories: Histories, { now, planOf, profiles, works }: Going): Promise<readonly Outgoing[]> {
  let left: readonly Outgoing[] = [];
  for (let at = 0; at < rows.length; at += FEW) {
    const beganAt = performance.now();
    const plan = planOf();
    const few = ProfileMap.of(rows.slice(at, at + FEW));
    await meetGroups(tx, few, []);
    left = [...left, ...plan.decide(few, pastIn(histories, plan.missing(few)))];
    works.begin(profiles.save(tx, few, now));
    if (left.length >= MANY) {
      works.begin(profiles.publish(left));
      left = [];
    }
    await sleep(performance.now() - beganAt);
  }
  return left;
}

interface Going extends Stretch {
  readonly works: Underway;
}
