import { Problem } from './problem.js';

/** One page of a list, and the cursor of the next one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** What a caller asks of a list. */
export interface PageQuery {
  readonly limit?: string;
  readonly after?: string;
}

/** The number of items asked for, 1 to 200, 50 when nothing is said. */
export function limitOf({ limit }: PageQuery): number {
  if (limit === undefined) return 50;
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 200) throw new Problem(400, 'Bad limit', 'limit must be a whole number from 1 to 200');
  return count;
}

/** The sort key that a cursor stands for, or null for the first page. */
export function cursorOf({ after }: PageQuery, parts: number): readonly string[] | null {
  if (after === undefined) return null;
  try {
    const key: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string')) return key;
  } catch {
    // Not one of ours: the same answer as for any other cursor that is none.
  }
  throw new Problem(400, 'Bad cursor', 'after must be the `next` of the page before');
}

/** A page of rows: one more row than the limit was read, to know whether there is a next page. */
export function pageOf<R, T>(rows: readonly R[], limit: number, keyOf: (row: R) => readonly string[], show: (row: R) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') : null;
  return { items: shown.map(show), next };
}
