import { RE2JS, RE2JSException } from 're2js';
import { bounds } from './bounds.js';

/** What is wrong with a regular expression of JavaScript as one of RE2, or null. */
export function regexpProblem(pattern: RegExp): string | null {
  try {
    const large = compiled(pattern).programSize() > bounds.regexpSize;
    return large ? 'the regular expression is too large: repeat fewer times' : null;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return `the regular expression is none of RE2: ${error.message.replace('error parsing regexp: ', '')}`;
  }
}

/** A regular expression as JSONata asks for one, which takes time linear in the text whatever the pattern. */
export class LinearRegExp {
  lastIndex = 0;
  private readonly pattern: RE2JS;

  constructor(pattern: RegExp) {
    this.pattern = compiled(pattern);
  }

  /** The first match from `lastIndex` on, which then stands behind it. */
  exec(text: string): (string[] & { index: number }) | null {
    const matcher = this.pattern.matcher(text);
    if (!matcher.find(this.lastIndex)) return null;
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? '');
    return Object.assign(groups, { index: matcher.start() });
  }
}

const kept = new WeakMap<RegExp, RE2JS>();

/** Each literal of an expression is compiled once. */
function compiled(pattern: RegExp): RE2JS {
  let made = kept.get(pattern);
  if (made === undefined) {
    const flags = (pattern.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (pattern.multiline ? RE2JS.MULTILINE : 0);
    made = RE2JS.compile(pattern.source, flags);
    kept.set(pattern, made);
  }
  return made;
}
