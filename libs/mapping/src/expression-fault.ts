import { regexpProblem } from './linear-regexp.js';

/** Functions whose answer depends on more than the record, or on text that nobody has checked. */
const refused: Readonly<Record<string, string>> = {
  eval: 'evaluates text that nobody has checked',
  now: 'is another time whenever the record is read again: use $at, when the record was written',
  millis: 'is another time whenever the record is read again: use $toMillis($at)',
  random: 'is another number whenever the record is read again',
  shuffle: 'is another order whenever the record is read again',
};

/** Why an expression that parses is refused all the same, in a sentence; null when it is not. */
export function expressionFault(ast: unknown): string | null {
  const seen = new Set<object>();
  const waiting: unknown[] = [ast];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const fault = nodeFault(node);
    if (fault !== null) return fault;
    waiting.push(...(Object.values(node) as unknown[]));
  }
  return null;
}

function nodeFault(node: object): string | null {
  const { type, value } = node as { readonly type?: unknown; readonly value?: unknown };
  if (type === 'regex' && value instanceof RegExp) return regexpProblem(value);
  if (type !== 'variable' || typeof value !== 'string' || !Object.hasOwn(refused, value)) return null;
  return `$${value} cannot be used: it ${refused[value] ?? ''}`;
}
