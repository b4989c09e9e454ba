import {
  compile,
  computedQuestion,
  computedValue,
  digest,
  mentionsOf,
  type Aspect,
  type Matches,
  type Mentions,
  type ReadComputed,
} from '@tidings/condition';
import type { ComputedTraitDefinition, Condition } from '@tidings/contracts';
import { CircleIndex } from './circle-index.js';
import { dependenciesOf } from './dependencies.js';
import { fencesOf, type Fences } from './fences.js';
import { Rules, type ClockRule, type CounterRule, type Source } from './rules.js';
import { snapshotOf, wasTaken, type Snapshot } from './snapshots.js';

/** A segment that is in force. */
export interface PublishedSegment {
  readonly id: string;
  readonly where: Condition;
  /** Of a snapshot: the moment, in ms, of which its members are. */
  readonly takenAt?: number;
}

/** A segment, ready to be asked about. */
export interface CompiledSegment {
  readonly id: string;
  /** Its place in an order in which each comes after those it asks for. */
  readonly rank: number;
  readonly matches: Matches;
  /** The segments that ask for this one. */
  readonly dependents: readonly CompiledSegment[];
}

/** The segments of a workspace, indexed by what they mention. */
export interface Segments {
  /** Differs when any segment does. */
  readonly revision: string;
  /** When the newest change among them was published, in ms. */
  readonly publishedAt: number;
  /** By rank. */
  readonly all: readonly CompiledSegment[];
  readonly byTrait: ReadonlyMap<string, readonly CompiledSegment[]>;
  readonly byAspect: ReadonlyMap<Aspect, readonly CompiledSegment[]>;
  /** Those that ask whether the person is in a circle, by the circles; and all of these. */
  readonly byCircle: { readonly near: CircleIndex<CompiledSegment>; readonly all: readonly CompiledSegment[] };
  readonly byEvent: ReadonlyMap<string, readonly CounterRule[]>;
  /** By what came back about a message. */
  readonly byMessage: ReadonlyMap<string, readonly CounterRule[]>;
  /** Borders by where they are. */
  readonly fences: Fences;
  /** By the list. */
  readonly byList: ReadonlyMap<string, readonly CounterRule[]>;
  readonly byCounter: ReadonlyMap<string, CounterRule>;
  readonly byClock: ReadonlyMap<string, ClockRule>;
  /** Clocks by their traits, also by that which a nested one is in; under null those of groups. */
  readonly byDated: ReadonlyMap<string | null, readonly ClockRule[]>;
  /** Segments whose members are those of a moment, by rank. */
  readonly snapshots: readonly Snapshot[];
  /** Computed traits by their ids, in the order of these. */
  readonly computed: ReadonlyMap<string, ReadComputed>;
  /** Whether any asks for another, so that the order matters. */
  readonly nested: boolean;
  /** Cycles of segments that ask for themselves: they are left out. */
  readonly cycles: readonly (readonly string[])[];
}

type Growing = CompiledSegment & { readonly dependents: CompiledSegment[] };

/**
 * Makes the index, once per change of any segment or computed trait; `publishedAt` counts archived ones in, so that it only
 * rises. Computed traits are kept whether a segment asks for them or not.
 */
export function compileSegments(
  published: readonly PublishedSegment[],
  publishedAt: number,
  traits: readonly ComputedTraitDefinition[] = [],
): Segments {
  const byTraitId = new Map(traits.map((trait) => [trait.id, trait]));
  const { ordered, cycles } = dependenciesOf(published);
  const byId = new Map<string, Growing>();
  const mentioned = new Mentioned();
  const rules = new Rules();
  const all = ordered.map((each, rank) => {
    const { id, where } = each;
    const segment: Growing = { id, rank, matches: isTimed(each) ? wasTaken(each) : compile(where), dependents: [] };
    byId.set(id, segment);
    const mentions = isTimed(each) ? nothing : mentionsOf(where, byTraitId);
    mentioned.add(mentions, segment);
    for (const asked of mentions.segments) byId.get(asked)?.dependents.push(segment);
    for (const question of mentions.questions) rules.add(question, segment);
    return segment;
  });
  for (const trait of traits) rules.keep(computedQuestion(trait));
  const byCounter = rules.byCounter();
  return {
    revision: revisionOf(published, traits),
    publishedAt,
    all,
    ...mentioned.index(),
    ...bySources(byCounter),
    fences: fencesOf(byCounter.values()),
    byCounter,
    byClock: rules.byClock(),
    byDated: byDated(rules.byClock()),
    snapshots: ordered.filter(isTimed).map((each) => snapshotOf(each, byTraitId)),
    computed: new Map(traits.toSorted(inOrder).map((trait) => [trait.id, computedValue(trait)])),
    nested: all.some(({ dependents }) => dependents.length > 0),
    cycles,
  };
}

/** Segments by what they ask of a person as they are. */
class Mentioned {
  private readonly byTrait = new Map<string, CompiledSegment[]>();
  private readonly byAspect = new Map<Aspect, CompiledSegment[]>();
  private readonly byCircle = { near: new CircleIndex<CompiledSegment>(), all: [] as CompiledSegment[] };

  add({ traits, aspects, circles }: Mentions, segment: CompiledSegment): void {
    for (const trait of traits) append(this.byTrait, trait, segment);
    for (const aspect of aspects) append(this.byAspect, aspect, segment);
    for (const circle of circles) this.byCircle.near.add(circle, segment);
    if (circles.length > 0) this.byCircle.all.push(segment);
  }

  index(): Pick<Segments, 'byTrait' | 'byAspect' | 'byCircle'> {
    const { byTrait, byAspect, byCircle } = this;
    return { byTrait, byAspect, byCircle };
  }
}

/** What becomes of people later changes nothing about a snapshot. */
const nothing: Mentions = { traits: new Set(), aspects: new Set(), circles: [], segments: new Set(), computed: new Set(), questions: [] };

const isTimed = (segment: PublishedSegment): segment is PublishedSegment & { readonly takenAt: number } =>
  segment.takenAt !== undefined;

/** What nobody works with, such as a name, is not told apart. */
function revisionOf(published: readonly PublishedSegment[], traits: readonly ComputedTraitDefinition[]): string {
  const computed = traits.map(({ name: _name, description: _description, ...works }) => works).toSorted(inOrder);
  const segments = published.toSorted(inOrder).map(({ id, where, takenAt }) => (takenAt === undefined ? [id, where] : [id, where, takenAt]));
  return digest(JSON.stringify(computed.length === 0 ? segments : [...segments, computed]));
}

const inOrder = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

const bySources = (rules: ReadonlyMap<string, CounterRule>): Pick<Segments, 'byEvent' | 'byMessage' | 'byList'> => ({
  byEvent: bySource(rules, 'performed'),
  byMessage: bySource(rules, 'message'),
  byList: bySource(rules, 'listed'),
});

function bySource(rules: ReadonlyMap<string, CounterRule>, heard: Source['heard']): Map<string, CounterRule[]> {
  const found = new Map<string, CounterRule[]>();
  for (const rule of rules.values()) {
    for (const source of rule.sources) if (source.heard === heard) append(found, source.name, rule);
  }
  return found;
}

function byDated(clocks: ReadonlyMap<string, ClockRule>): Map<string | null, ClockRule[]> {
  const found = new Map<string | null, ClockRule[]>();
  for (const clock of clocks.values()) {
    const { trait } = clock;
    for (const name of new Set([trait, trait === null ? null : (trait.split('.', 1)[0] ?? '')])) append(found, name, clock);
  }
  return found;
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
