import type { JourneyDefinition, SegmentDefinition } from '@tidings/contracts';
import { askedIn, referencesOf, type Reference } from './references.js';

/** What can be depended on. */
export type Depended = Pick<Reference, 'kind' | 'id'>;

/** A definition whose meaning changes with another one. */
export interface Dependent {
  readonly kind: 'segment' | 'journey';
  readonly id: string;
  /** Where it mentions it. */
  readonly place: string;
  /** The segments by which it depends on it, the nearest to it first; empty when it mentions it itself. */
  readonly through: readonly string[];
}

/** The definitions that may mention others. */
export interface Mentioning {
  readonly segments: readonly Pick<SegmentDefinition, 'id' | 'where'>[];
  readonly journeys: readonly JourneyDefinition[];
}

/** What depends on a segment, a computed trait or a template: each place that mentions it, then those that do so by way of segments. */
export function dependentsOf(depended: Depended, { segments, journeys }: Mentioning): Dependent[] {
  const found: Dependent[] = [];
  const seen = new Set(depended.kind === 'segment' ? [depended.id] : []);
  const ways: { readonly of: Depended; readonly through: readonly string[] }[] = [{ of: depended, through: [] }];
  // A way is added while they are gone through: an array's iterator meets it.
  for (const { of, through } of ways) {
    const asking = of.kind === 'template' ? [] : mentions('segment', segments, ({ where }) => askedIn(where, 'where'), of);
    for (const each of [...asking, ...mentions('journey', journeys, referencesOf, of)]) found.push({ ...each, through });
    for (const { id } of asking) {
      if (seen.has(id)) continue;
      seen.add(id);
      ways.push({ of: { kind: 'segment', id }, through: [...through, id] });
    }
  }
  return found;
}

const mentions = <D extends { readonly id: string }>(
  kind: Dependent['kind'],
  definitions: readonly D[],
  references: (definition: D) => readonly Reference[],
  of: Depended,
): Omit<Dependent, 'through'>[] =>
  definitions.flatMap((definition) =>
    references(definition)
      .filter((reference) => reference.kind === of.kind && reference.id === of.id)
      .map(({ place }) => ({ kind, id: definition.id, place })),
  );
