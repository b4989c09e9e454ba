import {
  conditionKinds,
  type Condition,
  type PerformedCondition,
  type SegmentCondition,
  type TraitCondition,
} from '@tidings/contracts';

/** The kinds of condition, named by the key that tells them apart. */
export type ConditionKind = keyof typeof conditionKinds;

const kinds = Object.keys(conditionKinds) as ConditionKind[];

/** The condition with its kind as a tag, so that a `switch` over kinds is checked to be complete. */
export type Tagged =
  | readonly ['all', Extract<Condition, { readonly all: unknown }>]
  | readonly ['any', Extract<Condition, { readonly any: unknown }>]
  | readonly ['not', Extract<Condition, { readonly not: unknown }>]
  | readonly ['trait', TraitCondition]
  | readonly ['performed', PerformedCondition]
  | readonly ['segment', SegmentCondition];

/** The first key that names a kind, or null when none does. Inherited keys name nothing. */
export function conditionKindOf(json: object): ConditionKind | null {
  return kinds.find((kind) => Object.hasOwn(json, kind)) ?? null;
}

/** A condition that was parsed, with its kind. */
export function tagged(condition: Condition): Tagged {
  if ('all' in condition) return ['all', condition];
  if ('any' in condition) return ['any', condition];
  if ('not' in condition) return ['not', condition];
  if ('trait' in condition) return ['trait', condition];
  if ('performed' in condition) return ['performed', condition];
  return ['segment', condition];
}
