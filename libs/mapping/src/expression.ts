import jsonata from 'jsonata';
import { bounds } from './bounds.js';
import { expressionFault } from './expression-fault.js';
import { LinearRegExp } from './linear-regexp.js';
import { plainValue, TooLarge } from './plain-value.js';

/** What an expression said of a record. `reason` names no value of the record; `detail` may, for whoever sent the record. */
export type Evaluated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string; readonly detail: string };

/** An expression that was checked, to be evaluated any number of times. */
export interface Expression {
  /** Same input, same answer; never rejects, and costs no more than the bounds allow. `bindings` are its variables. */
  evaluate(input: unknown, bindings: Readonly<Record<string, unknown>>): Promise<Evaluated>;
}

/** Compiles an expression, or says in a sentence what is wrong with it. */
export function compileExpression(text: string): Expression | string {
  let made: jsonata.Expression;
  try {
    made = jsonata(text, options);
  } catch (error) {
    return `is no JSONata: ${detailOf(error)}${positionOf(error)}`;
  }
  const fault = expressionFault(made.ast());
  if (fault !== null) return fault;
  bound(made);
  return {
    evaluate: async (input, bindings) => {
      try {
        return { ok: true, value: plainValue(await made.evaluate(input, bindings)) };
      } catch (error) {
        return { ok: false, reason: reasonOf(error), detail: detailOf(error) };
      }
    },
  };
}

const options = Object.assign(
  { timeout: bounds.timeoutMs, stack: bounds.depth, sequence: bounds.listLength },
  // JavaScript's own can take time exponential in a text that anybody may send.
  { RegexEngine: LinearRegExp },
) as jsonata.JsonataOptions & { readonly RegexEngine: RegExpConstructor & typeof LinearRegExp };

/** More was evaluated, or made on the way, than a mapping may cost. */
class OutOfBounds extends Error {
  override readonly name = 'OutOfBounds';
}

/** Counts what is evaluated and looks at what it makes, by the hooks that JSONata has for that. */
function bound(expression: jsonata.Expression): void {
  const steps = new WeakMap<object, number>();
  const entered = (_node: unknown, _input: unknown, environment: jsonata.Environment): void => {
    const evaluation = Reflect.get(environment, 'base') as object;
    const count = (steps.get(evaluation) ?? 0) + 1;
    if (count > bounds.steps) throw new OutOfBounds(`takes more than ${bounds.steps} steps`);
    steps.set(evaluation, count);
  };
  const left = (_node: unknown, _input: unknown, _environment: unknown, result: unknown): void => {
    if (typeof result === 'string' && result.length > bounds.textLength) throw longText();
    if (Array.isArray(result) && result.length > bounds.listLength)
      throw new OutOfBounds(`makes a list of more than ${bounds.listLength} items`);
  };
  // The hooks go by symbols, which the types do not know.
  const assign = (name: symbol, hook: unknown): unknown => Reflect.apply(Reflect.get(expression, 'assign') as () => void, expression, [name, hook]);
  assign(Symbol.for('jsonata.__evaluate_entry'), entered);
  assign(Symbol.for('jsonata.__evaluate_exit'), left);
  expression.registerFunction('pad', pad, '<s-ns?:s>');
}

const longText = () => new OutOfBounds(`makes a text of more than ${bounds.textLength} characters`);

/** JSONata's own makes the text before anybody can look at its length. */
function pad(text: string | undefined, width: number, filler = ' '): string | undefined {
  if (text === undefined) return undefined;
  if (Math.abs(width) > bounds.textLength) throw longText();
  const units = Math.abs(width) + text.length - [...text].length;
  return width < 0 ? text.padStart(units, filler || ' ') : text.padEnd(units, filler || ' ');
}

const tooLarge = 'makes more than an event can hold';

function reasonOf(error: unknown): string {
  if (error instanceof OutOfBounds) return error.message;
  if (error instanceof TooLarge) return tooLarge;
  switch (codeOf(error)) {
    case 'D1011':
      return `is nested deeper than ${bounds.depth} levels`;
    case 'D1012':
      return `takes longer than ${bounds.timeoutMs} ms`;
    case 'D2014':
    case 'D2015':
      return `makes a list of more than ${bounds.listLength} items`;
    default:
      return `fails${positionOf(error)}${codeOf(error) === '' ? '' : ` (JSONata ${codeOf(error)})`}`;
  }
}

/** JSONata throws objects that are no errors. */
const fieldOf = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? (Reflect.get(error, name) as unknown) : undefined;

const codeOf = (error: unknown): string => {
  const code = fieldOf(error, 'code');
  return typeof code === 'string' && /^[A-Z]\d{4}$/.test(code) ? code : '';
};

const positionOf = (error: unknown): string => {
  const position = fieldOf(error, 'position');
  return typeof position === 'number' ? ` at character ${position}` : '';
};

function detailOf(error: unknown): string {
  if (error instanceof TooLarge) return tooLarge;
  const message = fieldOf(error, 'message');
  return typeof message === 'string' && message !== '' ? message.slice(0, 500) : reasonOf(error);
}
