import { RE2JS, RE2JSException } from 're2js';

/** So much of a text is looked at, and so large may a compiled pattern be: what one look can cost at most. */
const MAX_TEXT = 1_000;
const MAX_PROGRAM = 250;
const MAX_KNOWN = 1_000;
const known = new Map<string, RE2JS>();

/** The test of a regular expression that was checked: found anywhere in the first 1,000 characters, in linear time. */
export function patternTest(pattern: string): (text: string) => boolean {
  const compiled = known.get(pattern) ?? RE2JS.compile(pattern);
  // Making one takes a thousand times as long as asking it, and some conditions are made for each event.
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(pattern, compiled);
  return (text) => compiled.test(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
}

/** What is wrong with a regular expression, or null. */
export function patternProblem(pattern: string): string | null {
  try {
    const large = RE2JS.compile(pattern).programSize() > MAX_PROGRAM;
    return large ? 'is too large: repeat fewer times' : null;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return `is no regular expression of RE2: ${error.message.replace('error parsing regexp: ', '')}`;
  }
}
