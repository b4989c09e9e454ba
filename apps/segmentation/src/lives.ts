import type { AcceptedEvent } from '@tidings/contracts';
import type { PastOccurrence } from '@tidings/segment';
import { occurrenceOf, pointOf } from './follow.js';
import { keyOf, type ProfileRef } from './known-profile.js';

/** What profiles did that may turn out to be somebody else: as history has it, and in this batch. */
export class Lives {
  private readonly since = new Map<string, PastOccurrence[]>();

  constructor(
    private readonly histories: ReadonlyMap<string, readonly PastOccurrence[]>,
    others: Iterable<ProfileRef>,
  ) {
    for (const ref of others) this.since.set(keyOf(ref), []);
  }

  /** Adds what a profile has just done. */
  heard(ref: ProfileRef, event: AcceptedEvent): void {
    const life = this.since.get(keyOf(ref));
    if (life === undefined) return;
    for (const occurrence of [occurrenceOf(event), pointOf(event)])
      if (occurrence !== null) life.push({ ...occurrence, times: 1 });
  }

  /** Adds what others did that are this profile by now. */
  merged(ref: ProfileRef, history: readonly PastOccurrence[]): void {
    this.since.get(keyOf(ref))?.push(...history);
  }

  of(ref: ProfileRef): readonly PastOccurrence[] {
    const key = keyOf(ref);
    return [...(this.histories.get(key) ?? []), ...(this.since.get(key) ?? [])];
  }
}
