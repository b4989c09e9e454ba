import { mentionsOf } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';

/** A segment as far as others can depend on it. */
interface Dependent {
  readonly id: string;
  readonly where: Condition;
}

/** Segments in an order in which each comes after those it asks for, and those that ask for themselves. */
export interface Dependencies<S extends Dependent> {
  readonly ordered: readonly S[];
  /** Each cycle from one of its segments to the same again. */
  readonly cycles: readonly (readonly string[])[];
}

/** Orders segments by what they ask for; those on a cycle have no place in the order. The same in whatever order they come. */
export function dependenciesOf<S extends Dependent>(segments: readonly S[]): Dependencies<S> {
  const walk = new Walk(segments);
  for (const { id } of segments.toSorted((a, b) => (a.id < b.id ? -1 : 1))) walk.visit(id, []);
  return { ordered: walk.ordered.filter(({ id }) => !walk.cyclic.has(id)), cycles: walk.cycles };
}

class Walk<S extends Dependent> {
  readonly ordered: S[] = [];
  readonly cycles: string[][] = [];
  readonly cyclic = new Set<string>();
  private readonly byId: ReadonlyMap<string, S>;
  private readonly done = new Set<string>();

  constructor(segments: readonly S[]) {
    this.byId = new Map(segments.map((segment) => [segment.id, segment]));
  }

  visit(id: string, path: readonly string[]): void {
    const segment = this.byId.get(id);
    if (segment === undefined || this.done.has(id)) return;
    const begin = path.indexOf(id);
    if (begin >= 0) return this.found([...path.slice(begin), id]);
    for (const asked of [...mentionsOf(segment.where).segments].toSorted()) this.visit(asked, [...path, id]);
    this.done.add(id);
    this.ordered.push(segment);
  }

  private found(cycle: string[]): void {
    this.cycles.push(cycle);
    for (const id of cycle) this.cyclic.add(id);
  }
}
