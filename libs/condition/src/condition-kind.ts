import {
  conditionKinds,
  type BucketCondition,
  type ComputedCondition,
  type Condition,
  type ConsentCondition,
  type DeviceCondition,
  type GroupCondition,
  type ListedCondition,
  type MessageCondition,
  type PerformedCondition,
  type PlaceCondition,
  type SegmentCondition,
  type SequenceCondition,
  type TraitCondition,
} from '@tidings/contracts';

/** The kinds of condition, named by the key that tells them apart. */
export type ConditionKind = keyof typeof conditionKinds;

const kinds = Object.keys(conditionKinds) as ConditionKind[];

/** A leaf with its kind as a tag. */
export type TaggedLeaf =
  | readonly ['trait', TraitCondition]
  | readonly ['computed', ComputedCondition]
  | readonly ['performed', PerformedCondition]
  | readonly ['sequence', SequenceCondition]
  | readonly ['message', MessageCondition]
  | readonly ['listed', ListedCondition]
  | readonly ['segment', SegmentCondition]
  | readonly ['device', DeviceCondition]
  | readonly ['place', PlaceCondition]
  | readonly ['group', GroupCondition]
  | readonly ['consent', ConsentCondition]
  | readonly ['bucket', BucketCondition];

/** A leaf that asks for what was done or said, of which something must be kept. */
export type HistoryLeaf = Extract<TaggedLeaf, readonly ['performed' | 'sequence' | 'message' | 'listed', unknown]>;

const historyKinds: ReadonlySet<string> = new Set<HistoryLeaf[0]>(['performed', 'sequence', 'message', 'listed']);

/** Whether a leaf asks for what was done or said. */
export const isOfHistory = (leaf: TaggedLeaf): leaf is HistoryLeaf => historyKinds.has(leaf[0]);

/** The condition with its kind as a tag, so that a `switch` over kinds is checked to be complete. */
export type Tagged =
  | readonly ['all', Extract<Condition, { readonly all: unknown }>]
  | readonly ['any', Extract<Condition, { readonly any: unknown }>]
  | readonly ['not', Extract<Condition, { readonly not: unknown }>]
  | TaggedLeaf;

/** The first key that names a kind, or null when none does. Inherited keys name nothing. */
export function conditionKindOf(json: object): ConditionKind | null {
  return kinds.find((kind) => Object.hasOwn(json, kind)) ?? null;
}

/** A condition that was parsed, with its kind. */
export function tagged(condition: Condition): Tagged {
  if ('all' in condition) return ['all', condition];
  if ('any' in condition) return ['any', condition];
  if ('not' in condition) return ['not', condition];
  return taggedLeaf(condition);
}

type Leaf = TaggedLeaf[1];

function taggedLeaf(leaf: Leaf): TaggedLeaf {
  if ('trait' in leaf) return ['trait', leaf];
  if ('computed' in leaf) return ['computed', leaf];
  if ('segment' in leaf) return ['segment', leaf];
  if ('device' in leaf) return ['device', leaf];
  if ('place' in leaf) return ['place', leaf];
  if ('group' in leaf) return ['group', leaf];
  if ('consent' in leaf) return ['consent', leaf];
  return 'bucket' in leaf ? ['bucket', leaf] : historyLeaf(leaf);
}

function historyLeaf(leaf: HistoryLeaf[1]): HistoryLeaf {
  if ('performed' in leaf) return ['performed', leaf];
  if ('sequence' in leaf) return ['sequence', leaf];
  return 'message' in leaf ? ['message', leaf] : ['listed', leaf];
}
