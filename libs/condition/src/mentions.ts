import type { Circle, ComputedCondition, Condition } from '@tidings/contracts';
import { looksAtDates, type Comparisons } from './comparison.js';
import { computedQuestion, type ComputedTraits } from './computed-question.js';
import { isOfHistory, tagged, type HistoryLeaf, type TaggedLeaf } from './condition-kind.js';
import { crossingQuestion } from './crossing-question.js';
import {
  groupQuestion,
  listedQuestion,
  messageQuestion,
  sequenceQuestion,
  traitQuestion,
} from './other-questions.js';
import { performedQuestion } from './performed-questions.js';
import type { Question } from './question.js';

/** What may change about a person beside their traits. */
export type Aspect = 'devices' | 'groups' | 'consent' | 'place' | 'timezone';

/** What a condition looks at: as long as none of it changes, and no question's moment has come, neither does the answer. */
export interface Mentions {
  /** Names as a profile has them: for `address.city` both that name and `address`. */
  readonly traits: ReadonlySet<string>;
  readonly aspects: ReadonlySet<Aspect>;
  /** Circles in which the person must have been last: what else changes about their place is nothing to these. */
  readonly circles: readonly Circle[];
  readonly segments: ReadonlySet<string>;
  /** Ids of computed traits. */
  readonly computed: ReadonlySet<string>;
  readonly questions: readonly Question[];
}

const none: ComputedTraits = new Map();

/** Everything a condition looks at, at any depth; what a computed trait needs is a question only where it is among `traits`. */
export function mentionsOf(condition: Condition, traits: ComputedTraits = none): Mentions {
  const leaves = leavesOf(condition);
  return {
    traits: new Set(
      leaves.flatMap(([kind, of]) => (kind === 'trait' ? [of.trait, of.trait.split('.', 1)[0] ?? ''] : [])),
    ),
    aspects: new Set(leaves.flatMap(aspectOf)),
    circles: leaves.flatMap((leaf) => circleOf(leaf) ?? []),
    segments: new Set(leaves.flatMap(([kind, of]) => (kind === 'segment' ? [of.segment] : []))),
    computed: new Set(leaves.flatMap(([kind, of]) => (kind === 'computed' ? [of.computed] : []))),
    questions: leaves.flatMap(
      (leaf) => (leaf[0] === 'computed' ? ofComputed(leaf[1], traits) : questionOf(leaf)) ?? [],
    ),
  };
}

function ofComputed({ computed, ...given }: ComputedCondition, traits: ComputedTraits): Question | null {
  const trait = traits.get(computed);
  return trait === undefined ? null : computedQuestion(trait, given);
}

/** What a leaf needs to have kept; null when it can be answered by what the person is. */
function questionOf(leaf: TaggedLeaf): Question | null {
  if (isOfHistory(leaf)) return historyQuestion(leaf);
  const [kind, of] = leaf;
  if (kind === 'trait') return traitQuestion(of);
  if (kind === 'place') return crossingQuestion(of);
  return kind === 'group' ? groupQuestion(of) : null;
}

function historyQuestion([kind, of]: HistoryLeaf): Question {
  switch (kind) {
    case 'performed':
      return performedQuestion(of);
    case 'sequence':
      return sequenceQuestion(of);
    case 'message':
      return messageQuestion(of);
    case 'listed':
      return listedQuestion(of);
  }
}

/** What a leaf looks at beside traits and what was done, whatever its fields say. */
const aspects: Readonly<Record<TaggedLeaf[0], Aspect | null>> = {
  trait: null,
  computed: 'timezone',
  performed: null,
  sequence: null,
  message: null,
  listed: null,
  segment: null,
  device: 'devices',
  group: 'groups',
  place: 'place',
  consent: 'consent',
  bucket: null,
};

function aspectOf([kind, of]: TaggedLeaf): readonly Aspect[] {
  if (kind === 'trait') return zoneOf([of]);
  // What was crossed is history, wherever the person is by now.
  if (kind === 'place' && (crossingQuestion(of) !== null || circleOf([kind, of]) !== null)) return [];
  const aspect = aspects[kind];
  if (aspect === null) return [];
  return kind === 'group' ? [aspect, ...zoneOf([of.group, ...(of.group.where ?? [])])] : [aspect];
}

/** The circle in which the person must have been last, of a leaf that asks for nothing else. */
function circleOf([kind, of]: TaggedLeaf): Circle | null {
  if (kind !== 'place') return null;
  const { within, ...others } = of.place;
  return within === undefined || Object.keys(others).length > 0 ? null : within;
}

/** A date begins when it does in the profile's zone. */
const zoneOf = (asked: readonly Comparisons[]): readonly Aspect[] => (asked.some(looksAtDates) ? ['timezone'] : []);

/** The leaves of a condition with their kinds. */
export function leavesOf(condition: Condition): TaggedLeaf[] {
  const of = tagged(condition);
  if (of[0] === 'all') return of[1].all.flatMap(leavesOf);
  if (of[0] === 'any') return of[1].any.flatMap(leavesOf);
  return of[0] === 'not' ? leavesOf(of[1].not) : [of];
}
