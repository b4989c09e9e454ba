/** An instant as `Date.prototype.toISOString` writes it, so that texts compare as times do. */
export type Instant = string;

/** The instant that a date-time text means, written the one way that compares. */
export const instantOf = (text: string): Instant => new Date(text).toISOString();

/** The instant this many milliseconds later. */
export const plus = (instant: Instant, ms: number): Instant => new Date(Date.parse(instant) + ms).toISOString();

/** The latest of some instants; those that are null do not count. */
export const latest = (first: Instant, ...others: readonly (Instant | null)[]): Instant =>
  others.reduce<Instant>((last, other) => (other !== null && other > last ? other : last), first);

/** The earliest of some instants, or null when there is none. */
export const earliest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce((first, other) => (other !== null && (first === null || other < first) ? other : first), null);
