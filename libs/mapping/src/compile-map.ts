import type { SourceMap } from '@tidings/contracts';
import { bounds } from './bounds.js';
import { compileExpression, type Evaluated, type Expression } from './expression.js';

/** What is wrong with a mapping and where; `place` is a path in the definition. */
export interface MapProblem {
  readonly place: string;
  readonly message: string;
}

/** A call of the Segment specification as a mapping made it, still to be accepted. */
export type MappedCall = Readonly<Record<string, unknown>>;

/** What a record became: calls, nothing (which is no fault), or the place in the definition that failed on it. */
export type Mapped =
  | { readonly kind: 'calls'; readonly calls: readonly MappedCall[] }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'failed'; readonly place: string; readonly reason: string; readonly detail: string };

/** A mapping that was checked. Same record, same outcome; never rejects. */
export type RecordMap = (data: unknown, bindings: Readonly<Record<string, unknown>>) => Promise<Mapped>;

/** Compiles a mapping that has its shape, or says what is wrong with its expressions. */
export function compileMap(map: SourceMap, place: string): RecordMap | readonly MapProblem[] {
  if (typeof map === 'string') {
    const expression = compileExpression(map);
    return typeof expression === 'string' ? [{ place, message: expression }] : wholeMap(expression, place);
  }
  const fields = Object.entries(map).map(
    ([name, text]) => ({ name, place: `${place}.${name}`, made: compileExpression(text) }) as const,
  );
  const problems = fields.flatMap(({ place: at, made }) => (typeof made === 'string' ? [{ place: at, message: made }] : []));
  if (problems.length > 0) return problems;
  return fieldsMap(fields.flatMap(({ made, ...field }) => (typeof made === 'string' ? [] : [{ ...field, made }])));
}

function wholeMap(expression: Expression, place: string): RecordMap {
  return async (data, bindings) => {
    const said = await expression.evaluate(data, bindings);
    return said.ok ? callsOf(said.value, place) : failed(place, said);
  };
}

interface Field {
  readonly name: string;
  readonly place: string;
  readonly made: Expression;
}

/** A record whose `type` comes to nothing is ignored: that is how such a mapping chooses. */
function fieldsMap(fields: readonly Field[]): RecordMap {
  return async (data, bindings) => {
    const call: Record<string, unknown> = {};
    for (const { name, place, made } of fields) {
      const said = await made.evaluate(data, bindings);
      if (!said.ok) return failed(place, said);
      if (said.value !== undefined) call[name] = said.value;
    }
    return call['type'] === undefined || call['type'] === null ? { kind: 'ignored' } : { kind: 'calls', calls: [call] };
  };
}

function callsOf(value: unknown, place: string): Mapped {
  if (value === undefined || value === null) return { kind: 'ignored' };
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return { kind: 'ignored' };
  if (list.length > bounds.calls) return refused(place, `makes more than ${bounds.calls} calls of one record`);
  const calls = list.filter(isCall);
  return calls.length === list.length ? { kind: 'calls', calls } : refused(place, 'must make an object, a list of objects, or nothing');
}

const isCall = (value: unknown): value is MappedCall => typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (place: string, reason: string): Mapped => ({ kind: 'failed', place, reason, detail: reason });

const failed = (place: string, { reason, detail }: Extract<Evaluated, { ok: false }>): Mapped => ({ kind: 'failed', place, reason, detail });
