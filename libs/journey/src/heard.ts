import type { Cause } from '@tidings/contracts';

/** The highest position heard from each source. A replay names the same causes again, and they are not higher. */
export type Heard = Readonly<Record<string, number>>;

/** Whether this cause, or a later one of its source, was heard before. */
export const hasHeard = (heard: Heard, { source, position }: Cause): boolean =>
  Object.hasOwn(heard, source) && position <= (heard[source] ?? -1);

/** What has been heard once this cause has been. */
export const withCause = (heard: Heard, { source, position }: Cause): Heard => ({ ...heard, [source]: position });

/** With the sources of another whose ids are the same person's by now, of which nothing was heard here. */
export const withSources = (heard: Heard, sources: readonly string[]): Heard => ({
  ...Object.fromEntries(sources.filter((source) => !source.includes(' ')).map((source) => [source, -1])),
  ...heard,
});

/**
 * What an id was heard of since it was merged: it is told under another id, on another partition, while what was told under
 * its own may still be on its way. Both count by the id's own causes.
 */
const since = (source: string): string => `${source} since`;
const sinceFirst = (source: string): string => `${source} since-first`;

/** Whether what an id did since it was merged was heard before, under its new name or, by a sender who died then, its old one. */
export const hasHeardSince = (heard: Heard, { source, position }: Cause): boolean =>
  hasHeard(heard, { source, position }) || hasHeard(heard, { source: since(source), position });

/** What has been heard of a merged id once this has been, which it did since. */
export const withCauseSince = (heard: Heard, { source, position }: Cause): Heard => ({
  ...heard,
  [since(source)]: position,
  [sinceFirst(source)]: heard[sinceFirst(source)] ?? position,
});

/**
 * Whether what was told under an id that is merged by now was heard before. What it did since was told under its new name;
 * who still told it under the old one died before that counted.
 */
export const hasHeardLate = (heard: Heard, cause: Cause): boolean =>
  hasHeard(heard, cause) || cause.position >= (heard[sinceFirst(cause.source)] ?? Infinity);
