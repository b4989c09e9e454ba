import type { Values } from '@tidings/contracts';

/** The person a condition is asked about, as they are at one moment. */
export interface Subject {
  readonly traits: Values;
  /** How often what the counter counts was done: within the last `windowMs`, or ever when that is null. */
  count(counter: string, windowMs: number | null): number;
  /** Whether the person is in the segment of this id. */
  isIn(segment: string): boolean;
}
