import type { JourneyDefinition, ShapeProblem } from '@tidings/contracts';
import { compileSteps } from './journey.js';
import { END } from './run.js';
import type { Step } from './steps/step.js';

/** What keeps a journey from leading every run from its first step to its end. */
export function checkGraph(journey: JourneyDefinition): readonly ShapeProblem[] {
  const names = checkNames(journey);
  if (names.length > 0) return names;
  const steps = compileSteps(journey.steps);
  const targets = checkTargets(steps);
  if (targets.length > 0) return targets;
  const circle = circleIn(steps);
  if (circle !== null) return [{ place: 'steps', message: `goes round in a circle: ${circle.join(' -> ')}` }];
  return checkReach(steps);
}

function checkNames({ steps }: JourneyDefinition): readonly ShapeProblem[] {
  const seen = new Set<string>();
  return steps.flatMap(({ id }, index) => {
    const place = `steps[${index}].id`;
    if (id === END) return [{ place, message: '`end` is where every journey ends; give the step another id' }];
    if (seen.has(id)) return [{ place, message: `there is another step with the id "${id}"` }];
    seen.add(id);
    return [];
  });
}

function checkTargets(steps: readonly Step[]): readonly ShapeProblem[] {
  const known = new Set([END, ...steps.map(({ id }) => id)]);
  return steps.flatMap(({ targets }, index) =>
    targets.flatMap(({ field, to }) =>
      known.has(to) ? [] : [{ place: `steps[${index}].${field}`, message: `there is no step "${to}"` }],
    ),
  );
}

/** The steps of some circle, the first of them again at its end; null when there is none. */
function circleIn(steps: readonly Step[]): readonly string[] | null {
  const next = new Map(steps.map(({ id, targets }) => [id, targets.map(({ to }) => to)]));
  const harmless = new Set<string>();
  const search = (id: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (harmless.has(id)) return null;
    for (const to of next.get(id) ?? []) {
      const circle = search(to, [...path, id]);
      if (circle !== null) return circle;
    }
    harmless.add(id);
    return null;
  };
  return steps.reduce<readonly string[] | null>((found, { id }) => found ?? search(id, []), null);
}

function checkReach(steps: readonly Step[]): readonly ShapeProblem[] {
  const reached = new Set(steps.slice(0, 1).map(({ id }) => id));
  for (const id of reached) for (const { to } of steps.find((step) => step.id === id)?.targets ?? []) reached.add(to);
  return steps.flatMap(({ id }, index) =>
    reached.has(id) ? [] : [{ place: `steps[${index}]`, message: `no way leads to the step "${id}"` }],
  );
}
