import type { Circle, MessageCondition, PropertyCondition, SequenceStep } from '@tidings/contracts';
import type { Grain } from './counter-key.js';
import type { Aggregate, Person } from './subject.js';
import type { At } from './timed.js';

/** What a counter counts: something done, something that came back about a message, a word about a list, or a point where the person was. */
export interface Counted {
  readonly heard: 'performed' | 'message' | 'listed' | 'place';
  /** The event's name, what came back, or the list; `point` of a place. */
  readonly name: string;
  readonly where: readonly PropertyCondition[] | undefined;
  /** When it must have happened to be counted, in ms: from `from`, and before `until`. */
  readonly from: number;
  readonly until: number;
}

/** What every question about what was done has: the name of the counter that answers it. */
interface Asked {
  readonly key: string;
}

interface Windowed extends Asked, Grain {
  readonly counted: Counted;
  /** Null when there is no window. */
  readonly windowMs: number | null;
}

/** How often; the answer changes where the count reaches one of the thresholds. */
export interface CountQuestion extends Windowed {
  readonly kind: 'count';
  readonly thresholds: readonly number[];
  /** What is asked of the count besides: the answer changes where it does. */
  readonly holds?: (count: number) => boolean;
}

/** What a property comes to. */
export interface NumberQuestion extends Windowed {
  readonly kind: 'number';
  readonly property: string;
  readonly of: Aggregate;
  readonly holds: (value: number | undefined) => boolean;
}

/** How many different values of a property. */
export interface DistinctQuestion extends Windowed {
  readonly kind: 'distinct';
  readonly property: string;
  readonly holds: (count: number) => boolean;
}

/** The next moment after `at.now` at which time alone changes what holds of a value; null when it never does. Never late. */
export type ValueTurns = (value: unknown, at: At) => number | null;

/** The value that a property had first ever, or last. */
export interface ToldQuestion extends Asked {
  readonly kind: 'told';
  readonly counted: Counted;
  readonly property: string;
  readonly of: 'first' | 'last';
  /** How long ago it may have been told; null when that does not matter. */
  readonly windowMs: number | null;
  /** Null when time alone changes nothing that is asked of the value. */
  readonly turns: ValueTurns | null;
}

/** The value that a property had most often. */
export interface FrequentQuestion extends Windowed {
  readonly kind: 'frequent';
  readonly property: string;
  readonly holds: (value: unknown, at: At) => boolean;
  /** Null when time alone changes nothing that is asked of the value. */
  readonly turns: ValueTurns | null;
}

/** The value that a property had first in a window that moves. */
export interface FirstsQuestion extends Windowed {
  readonly kind: 'firsts';
  readonly property: string;
  readonly holds: (value: unknown, at: At) => boolean;
  /** Null when time alone changes nothing that is asked of the value. */
  readonly turns: ValueTurns | null;
}

/** When first and last; the answers change so long after either. */
export interface TimesQuestion extends Asked {
  readonly kind: 'times';
  readonly counted: Counted;
  readonly turns: readonly { readonly of: 'first' | 'last'; readonly afterMs: number }[];
}

/** Whether things were done one after the other. */
export interface SequenceQuestion extends Asked {
  readonly kind: 'sequence';
  readonly steps: readonly SequenceStep[];
  readonly without: readonly SequenceStep[];
  /** Between the first and the last; Infinity when it does not matter. */
  readonly withinMs: number;
  /** How long ago the last may be; Infinity when it does not matter. */
  readonly lastMs: number;
}

/** How many messages were sent long enough ago, and were neither opened nor clicked. */
export interface IgnoredQuestion extends Asked {
  readonly kind: 'ignored';
  readonly where: readonly PropertyCondition[] | undefined;
  /** How long there was to open or click. */
  readonly afterMs: number;
  /** How long ago it may have been sent; Infinity when it does not matter. */
  readonly lastMs: number;
  readonly holds: (count: number) => boolean;
}

/** On how many days in a row. */
export interface StreakQuestion extends Asked {
  readonly kind: 'streak';
  readonly counted: Counted;
  /** So many missed days are forgiven. */
  readonly freezeDays: number;
  readonly holds: (days: number) => boolean;
}

/** Whether the border of a circle was crossed: a point on one side of it followed by one on the other. */
export interface CrossingQuestion extends Asked {
  readonly kind: 'crossing';
  /** The counter of all points, whichever border they are at; those with one window share it. */
  readonly pointsKey: string;
  readonly circle: Circle;
  /** Into it, or out of it. */
  readonly into: boolean;
  /** How long ago it may be. */
  readonly lastMs: number;
}

/** Whether the latest word about a list was that the profile is on it. */
export interface ListedQuestion extends Asked {
  readonly kind: 'listed';
  readonly list: string;
}

/** What time alone changes about a trait, and when. */
export interface TraitQuestion extends Asked {
  readonly kind: 'trait';
  /** The trait's name; null when it is about traits of the person's groups. */
  readonly trait: string | null;
  /** The next moment after `now` at which the answer changes; null when it never does. Never late. */
  readonly turns: (person: Person, now: number) => number | null;
}

/** What a condition needs to have kept, and what may change its answer. */
export type Question =
  | CountQuestion
  | NumberQuestion
  | DistinctQuestion
  | ToldQuestion
  | FrequentQuestion
  | FirstsQuestion
  | TimesQuestion
  | SequenceQuestion
  | IgnoredQuestion
  | StreakQuestion
  | CrossingQuestion
  | ListedQuestion
  | TraitQuestion;

/** What can come back about a message. */
export type MessageKind = MessageCondition['message'];
