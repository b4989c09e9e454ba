import {
  ComputedTraitDefinition,
  computations,
  shapeCheck,
  type PropertyCondition,
  type ShapeProblem,
} from '@tidings/contracts';
import { whereProblems } from './leaf-problems.js';

/** A computed trait, or all that is wrong with what should have been one. */
export type ParsedComputedTrait =
  | { readonly ok: true; readonly trait: ComputedTraitDefinition }
  | { readonly ok: false; readonly problems: readonly ShapeProblem[] };

const shape = shapeCheck(ComputedTraitDefinition);
const names = Object.keys(computations) as (keyof typeof computations)[];

/** Whether JSON is a computed trait. Every problem names its place, such as `where[1].property`. */
export function parseComputedTrait(json: unknown): ParsedComputedTrait {
  const problems = shape(json);
  if (problems.length > 0) return { ok: false, problems };
  // What has the shape of a computed trait is one.
  const trait = json as ComputedTraitDefinition;
  const further = [...computationProblems(trait), ...windowProblems(trait), ...comparisonsOf(trait.where)];
  return further.length > 0 ? { ok: false, problems: further } : { ok: true, trait };
}

function computationProblems(trait: ComputedTraitDefinition): ShapeProblem[] {
  const given = names.filter((name) => trait[name] !== undefined);
  if (given.length === 1) return [];
  if (given.length === 0) return [{ place: '', message: `must have one of ${names.join(', ')}` }];
  return [
    {
      place: '',
      message: `works out different things with ${given.join(', ')}: give each a computed trait of its own`,
    },
  ];
}

/** A streak has no window: it ends where it ends. */
function windowProblems({ streak, freezeDays, withinLast }: ComputedTraitDefinition): ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  if (streak === undefined && freezeDays !== undefined)
    problems.push({ place: 'freezeDays', message: 'is possible with `streak` only' });
  if (streak !== undefined && withinLast !== undefined)
    problems.push({ place: 'withinLast', message: 'is not possible with `streak`' });
  return problems;
}

const comparisonsOf = (where: readonly PropertyCondition[] | undefined): ShapeProblem[] =>
  whereProblems(where === undefined ? {} : { where: [...where] }, '').map(({ place, message }) => ({
    place: place.replace(/^\./, ''),
    message,
  }));
