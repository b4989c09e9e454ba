import type { Condition, PerformedCondition } from '@tidings/contracts';
import { tagged } from './condition-kind.js';

/** What a condition looks at: as long as none of it changes, neither does the answer. */
export interface Mentions {
  /** Names as a profile has them: for `address.city` both that name and `address`. */
  readonly traits: ReadonlySet<string>;
  readonly performed: readonly PerformedCondition[];
  readonly segments: ReadonlySet<string>;
}

/** Everything a condition looks at, at any depth. */
export function mentionsOf(condition: Condition): Mentions {
  const leaves = leavesOf(condition);
  const traits = leaves.flatMap((leaf) => ('trait' in leaf ? [leaf.trait, leaf.trait.split('.', 1)[0] ?? ''] : []));
  return {
    traits: new Set(traits),
    performed: leaves.filter((leaf) => 'performed' in leaf),
    segments: new Set(leaves.flatMap((leaf) => ('segment' in leaf ? [leaf.segment] : []))),
  };
}

type Leaf = Exclude<Condition, { readonly all: unknown } | { readonly any: unknown } | { readonly not: unknown }>;

function leavesOf(condition: Condition): Leaf[] {
  const [kind, of] = tagged(condition);
  switch (kind) {
    case 'all':
      return of.all.flatMap(leavesOf);
    case 'any':
      return of.any.flatMap(leavesOf);
    case 'not':
      return leavesOf(of.not);
    case 'trait':
    case 'performed':
    case 'segment':
      return [of];
  }
}
