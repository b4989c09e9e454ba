import { conditionKinds, shapeCheck, type Condition, type ShapeProblem } from '@tidings/contracts';
import Type from 'typebox';
import { conditionKindOf, tagged, type ConditionKind } from './condition-kind.js';
import { leafProblems } from './leaf-problems.js';

/** A condition, or all that is wrong with what should have been one. */
export type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly problems: readonly ShapeProblem[] };

const MAX_DEPTH = 20;
const MAX_CONDITIONS = 500;
const MAX_VALUES = 20_000;
const everyKind = Object.keys(conditionKinds) as readonly ConditionKind[];

/** One level of a condition: what is nested in it is checked on its own, so that errors name its place. */
const shapes = Object.fromEntries(
  Object.entries(conditionKinds).map(([kind, schema]) => [
    kind,
    shapeCheck(Type.Cyclic({ Condition: Type.Unknown(), Level: schema }, 'Level')),
  ]),
) as Readonly<Record<ConditionKind, ReturnType<typeof shapeCheck>>>;

/**
 * Whether JSON is a condition. Every problem names its place, such as `where.all[1].atLeast`. Takes any JSON, however
 * hostile: a tree deeper than 20, of more than 500 conditions or of more than 20,000 values is refused without being
 * walked to its end. `kinds` narrows what is allowed.
 */
export function parseCondition(
  json: unknown,
  place: string,
  kinds: readonly ConditionKind[] = everyKind,
): ParsedCondition {
  if (isLarge(json))
    return { ok: false, problems: [{ place, message: `must not hold more than ${MAX_VALUES} values` }] };
  const problems = new Check(kinds).condition(json, place, 1);
  return problems.length === 0 ? { ok: true, condition: json as Condition } : { ok: false, problems };
}

class Check {
  private seen = 0;

  constructor(private readonly kinds: readonly ConditionKind[]) {}

  condition(json: unknown, place: string, depth: number): ShapeProblem[] {
    this.seen += 1;
    if (this.seen > MAX_CONDITIONS) return this.seen === MAX_CONDITIONS + 1 ? [tooMany(place)] : [];
    if (depth > MAX_DEPTH) return [{ place, message: `must not be nested deeper than ${MAX_DEPTH}` }];
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      return [{ place, message: 'must be an object' }];
    const kind = conditionKindOf(json);
    if (kind === null) return [{ place, message: `must have one of ${this.kinds.join(', ')}` }];
    if (!this.kinds.includes(kind)) return [{ place: `${place}.${kind}`, message: 'is not possible here' }];
    return this.ofKind(json, kind, place, depth);
  }

  private ofKind(json: object, kind: ConditionKind, place: string, depth: number): ShapeProblem[] {
    const problems = shapes[kind](json, place);
    if (kind === 'all' || kind === 'any' || kind === 'not')
      return [...problems, ...this.nested(json, kind, place, depth)];
    // What has the shape of a leaf is one.
    return problems.length > 0 ? problems : leafProblems(tagged(json as Condition), place);
  }

  private nested(json: object, kind: 'all' | 'any' | 'not', place: string, depth: number): ShapeProblem[] {
    const inner: unknown = Reflect.get(json, kind);
    if (kind === 'not') return this.condition(inner, `${place}.not`, depth + 1);
    if (!Array.isArray(inner)) return [];
    return inner.flatMap((item: unknown, index) => this.condition(item, `${place}.${kind}[${index}]`, depth + 1));
  }
}

/** Counts before anything is checked: explaining what is wrong with a million items would take seconds. */
function isLarge(json: unknown): boolean {
  const left = [json];
  for (let count = 0; left.length > 0; count++) {
    if (count + left.length > MAX_VALUES) return true;
    const value = left.pop();
    if (typeof value === 'object' && value !== null) left.push(...someOf(value));
  }
  return false;
}

/** The values in an object or list, at most so many that it is known to be large. */
function someOf(value: object): unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAX_VALUES + 1);
  return Object.values(value).slice(0, MAX_VALUES + 1);
}

const tooMany = (place: string): ShapeProblem => ({
  place,
  message: `must not have more than ${MAX_CONDITIONS} conditions`,
});
