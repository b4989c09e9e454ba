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
