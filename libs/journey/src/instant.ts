/** An instant as `Date.prototype.toISOString` writes it, so that texts compare as times do. */
export type Instant = string;

/** What need not be read to be written the one way that compares; days up to 28 are in every month. */
const written = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** The instant that a date-time text means, written the one way that compares. */
export const instantOf = (text: string): Instant => (written.test(text) ? text : new Date(text).toISOString());

/** The instant this many milliseconds later. */
export const plus = (instant: Instant, ms: number): Instant => new Date(Date.parse(instant) + ms).toISOString();

/** The latest of some instants; those that are null do not count. */
export const latest = (first: Instant, ...others: readonly (Instant | null)[]): Instant =>
  others.reduce<Instant>((last, other) => (other !== null && other > last ? other : last), first);

/** The earliest of some instants, or null when there is none. */
export const earliest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce((first, other) => (other !== null && (first === null || other < first) ? other : first), null);
