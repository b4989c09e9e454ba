import type { Count } from './counter.js';
import type { Crossed } from './crossing.js';
import type { Distinct } from './distinct.js';
import type { Firsts } from './firsts.js';
import type { Frequent } from './frequent.js';
import type { Ignored } from './ignored.js';
import type { Listed } from './listed.js';
import type { Numbers } from './numbers.js';
import type { Followed } from './sequence.js';
import type { Marked } from './streak.js';
import type { Times } from './times.js';
import type { Told } from './told.js';

/** What time alone changes about a trait, and when it does. */
export interface Clock {
  readonly flipsAt: number;
}

/** What is kept of what a profile did, so that one kind of question can be answered. */
export type Counter = Count | Numbers | Distinct | Frequent | Firsts | Told | Times | Followed | Ignored | Listed | Marked | Crossed | Clock;

/** The counters of one profile by their keys; a counter that is not there has counted nothing. */
export type Counters = Readonly<Record<string, Counter>>;

/** Puts what is kept now in the place of what was; of some rules nothing is kept at times. */
export function keep(counters: Record<string, Counter>, key: string, counter: Counter | undefined): void {
  if (counter !== undefined) counters[key] = counter;
  else if (key in counters) delete counters[key];
}
