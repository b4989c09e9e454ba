import type { ComputedTraitDefinition, Condition, JourneyDefinition, SegmentDefinition, SourceDefinition, TemplateDefinition } from '@tidings/contracts';

/** What a folder of definition files holds, as plain JSON that nobody has checked yet. */
export interface UncheckedSet {
  readonly segments: readonly unknown[];
  readonly journeys: readonly unknown[];
  readonly templates: readonly unknown[];
  readonly sources?: readonly unknown[];
  readonly computedTraits?: readonly unknown[];
}

/** Definitions that passed every check. */
export interface DefinitionSet {
  readonly segments: readonly SegmentDefinition[];
  readonly journeys: readonly JourneyDefinition[];
  readonly templates: readonly TemplateDefinition[];
  readonly sources: readonly SourceDefinition[];
  readonly computedTraits: readonly ComputedTraitDefinition[];
}

/** Ids that exist outside the set and may be referred to: what is published already. */
export interface KnownIds {
  readonly segments: ReadonlySet<string>;
  readonly templates: ReadonlySet<string>;
  readonly computedTraits?: ReadonlySet<string>;
  /** What the segments among them ask for, as far as that is known. */
  readonly asks?: ReadonlyMap<string, Condition>;
  /** That nobody asked what is published: what is not in the set may be. */
  readonly isOffline?: true;
}

/** No definitions are known beside the set itself. */
export const nothingKnown: KnownIds = { segments: new Set(), templates: new Set(), isOffline: true };
