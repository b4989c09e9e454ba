import { DefinitionId, SegmentDefinition, shapeCheck, TemplateDefinition, type JourneyDefinition } from '@tidings/contracts';
import { parseCondition } from '@tidings/condition';
import { checkJourney } from '@tidings/journey';
import { compileTemplate } from '@tidings/template';
import Type from 'typebox';
import type { DefinitionSet, KnownIds, UncheckedSet } from './definition-set.js';
import type { Problem, SetProblem } from './problem.js';
import { referencesOf } from './references.js';

type Kind = SetProblem['kind'];

const templateShape = shapeCheck(TemplateDefinition);
/** A segment may not refer to other segments: nobody would know in which order they change. */
const segmentKinds = ['all', 'any', 'not', 'trait', 'performed'] as const;
const idShape = shapeCheck(DefinitionId);
const segmentShape = shapeCheck(
  Type.Object({ ...SegmentDefinition.properties, where: Type.Unknown() }, { additionalProperties: false }),
);

const checks: Readonly<Record<Kind, (document: unknown) => readonly Problem[]>> = {
  segment: checkSegment,
  journey: checkJourney,
  template: checkTemplate,
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
  const parsed = parseCondition(where, 'where', segmentKinds);
  return parsed.ok ? [] : parsed.problems;
}

/** Either a set in which every definition is right and every reference leads somewhere, or all that is wrong with it. */
export function checkSet(
  set: UncheckedSet,
  known: KnownIds,
): { readonly ok: true; readonly set: DefinitionSet } | { readonly ok: false; readonly problems: readonly SetProblem[] } {
  const problems = [
    ...checkAll('segment', set.segments),
    ...checkAll('template', set.templates),
    ...checkAll('journey', set.journeys),
  ];
  if (problems.length > 0) return { ok: false, problems };

  // Every definition passed the check of its kind, so it has the kind's shape.
  const checked = set as DefinitionSet;
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
  const templates = new Map<string, TemplateDefinition | null>(
    [...known.templates].map((id) => [id, null] as const),
  );
  for (const template of set.templates) templates.set(template.id, template);
  const segments = new Set([...known.segments, ...set.segments.map(({ id }) => id)]);
  return set.journeys.flatMap((journey) => missingOf(journey, templates, segments));
}

function missingOf(
  journey: JourneyDefinition,
  templates: ReadonlyMap<string, TemplateDefinition | null>,
  segments: ReadonlySet<string>,
): SetProblem[] {
  const found = { kind: 'journey' as const, id: journey.id };
  return referencesOf(journey).flatMap((reference): SetProblem[] => {
    if (reference.kind === 'segment') {
      const missing = `there is no segment "${reference.id}"`;
      return segments.has(reference.id) ? [] : [{ ...found, place: reference.place, message: missing }];
    }
    const template = templates.get(reference.id);
    if (template === undefined) return [{ ...found, place: reference.place, message: `there is no template "${reference.id}"` }];
    if (template === null || template[reference.channel] !== undefined) return [];
    const message = `the template "${reference.id}" has no content for ${reference.channel}`;
    return [{ ...found, place: reference.place, message }];
  });
}
