import { durationMs, type MessageCondition, type ShapeProblem } from '@tidings/contracts';
import { countProblems } from './count-problems.js';
import { ignoredAfterMs } from './other-questions.js';

/** What is wrong with a `message` whose shape is right. */
export function messageProblems(condition: MessageCondition, place: string): ShapeProblem[] {
  const { message, after, withinLast } = condition;
  const problems = countProblems(condition, place);
  if (message !== 'ignored')
    return after === undefined
      ? problems
      : [...problems, { place: `${place}.after`, message: 'is only possible with `message: ignored`' }];
  if (withinLast === undefined || durationMs(withinLast) > ignoredAfterMs(condition)) return problems;
  const tooShort = 'must be longer than `after` (1d when it is not given): nothing can be ignored sooner';
  return [...problems, { place: `${place}.withinLast`, message: tooShort }];
}
