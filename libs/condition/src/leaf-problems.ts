import type { GroupCondition, SequenceStep, ShapeProblem } from '@tidings/contracts';
import { comparisonNames, plainNames } from './comparison.js';
import { comparisonProblems } from './comparison-problems.js';
import type { Tagged } from './condition-kind.js';
import { messageProblems } from './message-problems.js';
import { placeProblems } from './place-problems.js';
import { performedProblems } from './performed-problems.js';

/** What is wrong with a leaf whose shape is right. Of what is not named here, the shape says it all. */
export function leafProblems([kind, of]: Tagged, place: string): ShapeProblem[] {
  if (kind === 'trait' || kind === 'computed') return comparisonProblems(of, place, comparisonNames);
  if (kind === 'performed') return [...performedProblems(of, place), ...whereProblems(of, place)];
  if (kind === 'message') return messageProblems(of, place);
  if (kind === 'place') return placeProblems(of, place);
  if (kind === 'group') return groupProblems(of, `${place}.group`);
  if (kind !== 'sequence') return [];
  return [...stepsProblems(of.sequence, `${place}.sequence`), ...stepsProblems(of.without ?? [], `${place}.without`)];
}

const groupProblems = ({ group }: GroupCondition, place: string): ShapeProblem[] => [
  ...comparisonProblems(group, place, comparisonNames),
  ...(group.where ?? []).flatMap((item, index) =>
    comparisonProblems(item, `${place}.where[${index}]`, comparisonNames),
  ),
];

const stepsProblems = (steps: readonly SequenceStep[], place: string): ShapeProblem[] =>
  steps.flatMap((step, index) => whereProblems(step, `${place}[${index}]`));

/** What is wrong with comparisons of properties. */
export const whereProblems = ({ where = [] }: Pick<SequenceStep, 'where'>, place: string): ShapeProblem[] =>
  where.flatMap((item, index) => comparisonProblems(item, `${place}.where[${index}]`, plainNames));
