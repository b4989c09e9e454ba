import {
  DefinitionId,
  SegmentDefinition,
  shapeCheck,
  TemplateDefinition,
  type Condition,
  type JourneyDefinition,
} from '@tidings/contracts';
import { parseComputedTrait, parseCondition } from '@tidings/condition';
import { checkJourney } from '@tidings/journey';
import { checkSource } from '@tidings/mapping';
import { dependenciesOf } from '@tidings/segment';
import { compileTemplate } from '@tidings/template';
import Type from 'typebox';
import type { DefinitionSet, KnownIds, UncheckedSet } from './definition-set.js';
import type { Problem, SetProblem } from './problem.js';
import { askedIn, referencesOf, type Asked } from './references.js';

type Kind = SetProblem['kind'];

const templateShape = shapeCheck(TemplateDefinition);
const idShape = shapeCheck(DefinitionId);
const segmentShape = shapeCheck(
  Type.Object({ ...SegmentDefinition.properties, where: Type.Unknown() }, { additionalProperties: false }),
);

const checks: Readonly<Record<Kind, (document: unknown) => readonly Problem[]>> = {
  segment: checkSegment,
  'computed-trait': checkComputedTrait,
  journey: checkJourney,
  template: checkTemplate,
  source: checkSource,
};

function checkTemplate(document: unknown): readonly Problem[] {
  const shape = templateShape(document);
  if (shape.length > 0) return shape;
  const compiled = compileTemplate(document as TemplateDefinition);
  return compiled.ok ? [] : compiled.problems;
}

function checkSegment(document: unknown): readonly Problem[] {
  const shape = segmentShape(document);
  if (shape.length > 0) return shape;
  const where: unknown = Reflect.get(document as object, 'where');
  const parsed = parseCondition(where, 'where');
  return parsed.ok ? [] : parsed.problems;
}

function checkComputedTrait(document: unknown): readonly Problem[] {
  const parsed = parseComputedTrait(document);
  return parsed.ok ? [] : parsed.problems;
}

/** Either a set in which every definition is right and every reference leads somewhere, or all that is wrong with it. */
export function checkSet(
  set: UncheckedSet,
  known: KnownIds,
):
  | { readonly ok: true; readonly set: DefinitionSet }
  | { readonly ok: false; readonly problems: readonly SetProblem[] } {
  const problems = [
    ...checkAll('segment', set.segments),
    ...checkAll('computed-trait', set.computedTraits ?? []),
    ...checkAll('template', set.templates),
    ...checkAll('journey', set.journeys),
    ...checkAll('source', set.sources ?? []),
  ];
  if (problems.length > 0) return { ok: false, problems };

  // Every definition passed the check of its kind, so it has the kind's shape.
  const checked = { ...set, sources: set.sources ?? [], computedTraits: set.computedTraits ?? [] } as DefinitionSet;
  const missing = checkReferences(checked, known);
  return missing.length > 0 ? { ok: false, problems: missing } : { ok: true, set: checked };
}

function checkAll(kind: Kind, documents: readonly unknown[]): SetProblem[] {
  const seen = new Set<string>();
  return documents.flatMap((document, index) => {
    const id = idOf(document) ?? `#${index + 1}`;
    const problems = [...checks[kind](document)];
    if (seen.has(id)) problems.push({ place: 'id', message: `there is another ${kind} with the id "${id}"` });
    seen.add(id);
    return problems.map((problem) => ({ kind, id, ...problem }));
  });
}

function idOf(document: unknown): string | null {
  const id: unknown = typeof document === 'object' && document !== null ? Reflect.get(document, 'id') : undefined;
  return typeof id === 'string' && idShape(id).length === 0 ? id : null;
}

function checkReferences(set: DefinitionSet, known: KnownIds): SetProblem[] {
  const templates = new Map<string, TemplateDefinition | null>([...known.templates].map((id) => [id, null] as const));
  for (const template of set.templates) templates.set(template.id, template);
  const ids = (published: Iterable<string>, ours: readonly { readonly id: string }[]) =>
    new Set([...published, ...ours.map(({ id }) => id)]);
  const asked: KnownAsked = {
    absent: (name) => `there is no ${name}${known.isOffline ? elsewhere : ''}`,
    segment: ids(known.segments, set.segments),
    'computed-trait': ids(known.computedTraits ?? [], set.computedTraits),
  };
  return [
    ...set.segments.flatMap(({ id, where }) =>
      askedIn(where, 'where').flatMap((reference) => missingAsked({ kind: 'segment', id }, reference, asked)),
    ),
    ...cyclesOf(set, known),
    ...set.journeys.flatMap((journey) => missingOf(journey, templates, asked)),
  ];
}

/** What may be asked for, and how to say that something is not among it. */
interface KnownAsked extends Readonly<Record<Asked['kind'], ReadonlySet<string>>> {
  readonly absent: (name: string) => string;
}

const elsewhere = ' in these files; if it is published already, "tidings diff" checks against that';

const kindNames: Readonly<Record<Asked['kind'], string>> = { segment: 'segment', 'computed-trait': 'computed trait' };

const missingAsked = (asking: Pick<SetProblem, 'kind' | 'id'>, { kind, id, place }: Asked, known: KnownAsked): SetProblem[] =>
  known[kind].has(id) ? [] : [{ ...asking, place, message: known.absent(`${kindNames[kind]} "${id}"`) }];

/** A segment that asks for itself in the end has no answer. Those that are published already may be part of the way. */
function cyclesOf(set: DefinitionSet, { asks = new Map<string, Condition>() }: KnownIds): SetProblem[] {
  const all = new Map(asks);
  for (const { id, where } of set.segments) all.set(id, where);
  const { cycles } = dependenciesOf([...all].map(([id, where]) => ({ id, where })));
  const ours = new Set(set.segments.map(({ id }) => id));
  return cycles.flatMap((cycle): SetProblem[] => {
    const id = cycle.find((each) => ours.has(each));
    const message = `asks for itself in the end: ${cycle.join(' -> ')}`;
    return id === undefined ? [] : [{ kind: 'segment', id, place: 'where', message }];
  });
}

function missingOf(
  journey: JourneyDefinition,
  templates: ReadonlyMap<string, TemplateDefinition | null>,
  asked: KnownAsked,
): SetProblem[] {
  const found = { kind: 'journey' as const, id: journey.id };
  return referencesOf(journey).flatMap((reference): SetProblem[] => {
    if (reference.kind !== 'template') return missingAsked(found, reference, asked);
    const template = templates.get(reference.id);
    if (template === undefined)
      return [{ ...found, place: reference.place, message: asked.absent(`template "${reference.id}"`) }];
    if (template === null || template[reference.channel] !== undefined) return [];
    const message = `the template "${reference.id}" has no content for ${reference.channel}`;
    return [{ ...found, place: reference.place, message }];
  });
}
