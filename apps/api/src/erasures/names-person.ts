import { anonymousPrefix, isAnonymousId, profileKey } from '@tidings/contracts';

/** What is looked at of a message to see whom it names. */
export interface Named {
  readonly key: string | null;
  readonly value: Buffer | null;
}

/** A check whether messages name any of these ids of a person, in their keys or values: as we write the ids and as senders do. */
export function namesAnyOf(workspace: string, ids: readonly string[]): (message: Named) => boolean {
  const keys = new Set(ids.map((profileId) => profileKey({ workspace, profileId })));
  const names = [...new Set(ids.flatMap((id) => (isAnonymousId(id) ? [id, id.slice(anonymousPrefix.length)] : [id])))];
  return ({ key, value }) => (key !== null && (keys.has(key) || names.includes(key))) || namesPerson(value?.toString('utf8') ?? '', names);
}

/** Text that is no JSON names somebody when an id of at least this length stands in it. */
const TELLING = 8;

/**
 * Whether a message names one of these ids: as any value of its JSON, or, where it is no JSON, anywhere in its text. An anonymous
 * id is looked for as senders write it.
 */
export function namesPerson(text: string, ids: readonly string[]): boolean {
  const wanted = new Set(ids);
  const parsed = parse(text);
  return parsed === undefined ? ids.some((id) => id.length >= TELLING && text.includes(id)) : hasValue(parsed, wanted);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A letter may be dead because it is no JSON; then its text is looked at.
    return undefined;
  }
}

function hasValue(root: unknown, wanted: ReadonlySet<string>): boolean {
  const waiting: unknown[] = [root];
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    if (typeof value === 'string' || typeof value === 'number') {
      if (wanted.has(String(value))) return true;
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) if (inner !== undefined) waiting.push(inner);
    }
  }
  return false;
}
