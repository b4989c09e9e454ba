import type { ComputedValue, Device, Place, Values } from '@tidings/contracts';

/** What is known of a person. */
export interface Person {
  readonly id: string;
  readonly traits: Values;
  readonly devices: readonly Pick<Device, 'type' | 'token' | 'appVersion'>[];
  /** What they said, per channel. */
  readonly consent: Readonly<Record<string, boolean>>;
  readonly timezone: string | null;
  /** Where they were last; nothing while nobody said. */
  readonly place?: Place | null;
  /** The groups that they belong to; left out by those who know of none. */
  readonly groups?: readonly { readonly traits: Values }[];
}

/** What can be worked out of the numbers that a counter saw. */
export type Aggregate = 'sum' | 'average' | 'minimum' | 'maximum';

/** What a person did, as counters keep it; a counter is named by a `Question`. */
export interface Done {
  /** How often, or how many different ones: within the last `windowMs`, or ever when that is null. */
  count(counter: string, windowMs: number | null): number;
  /** What the numbers come to; undefined when there is none. */
  number(counter: string, windowMs: number | null, of: Aggregate): number | undefined;
  /** The value that was told first ever or last, and when, in ms; undefined when there is none. */
  told(counter: string): { readonly value: ComputedValue; readonly at: number } | undefined;
  /** The value that was told most often; undefined when there is none. */
  frequent(counter: string, windowMs: number | null): ComputedValue | undefined;
  /** The value that was told first within the last `windowMs`; undefined when there is none. */
  firstIn(counter: string, windowMs: number | null): ComputedValue | undefined;
  /** When first and last, in ms; undefined when never. */
  times(counter: string): { readonly first: number; readonly last: number } | undefined;
  /** When a sequence was last completed or a border last crossed, in ms; null when it never was. */
  completedAt(counter: string): number | null;
  /** On how many days in a row, so many missed ones forgiven. */
  streak(counter: string, freezeDays: number): number;
}

/** The person a condition is asked about, as they are at one moment. */
export interface Subject {
  readonly person: Person;
  /** The moment, in ms. */
  readonly now: number;
  readonly done: Done;
  /** Whether the person is in the segment of this id. */
  isIn(segment: string): boolean;
  /** What the computed trait of this id comes to; undefined when it has no value. */
  computed(id: string): ComputedValue | undefined;
}
