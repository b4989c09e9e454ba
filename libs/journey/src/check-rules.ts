import { parseCondition } from '@tidings/condition';
import type { JourneyDefinition, ShapeProblem } from '@tidings/contracts';
import type { EventRule } from './event-rule.js';

/** Rules about events that compare nothing: they would mean every event of the name, which nobody writes `where` for. */
export function checkRules({ entry, exit = [], goal, steps }: JourneyDefinition): readonly ShapeProblem[] {
  return [
    ...entry.flatMap((way, index) => ('event' in way ? checkRule(way, `entry[${index}]`) : [])),
    ...exit.flatMap((rule, index) => checkRule(rule, `exit[${index}]`)),
    ...(goal === undefined ? [] : checkRule(goal, 'goal')),
    ...steps.flatMap((step, index) => ('waitFor' in step ? checkRule(step.waitFor, `steps[${index}].waitFor`) : [])),
  ];
}

/** A rule asks of its event what the condition language asks of one that was performed. */
function checkRule({ event, where }: EventRule, place: string): readonly ShapeProblem[] {
  if (where === undefined) return [];
  const parsed = parseCondition({ performed: event, where }, place);
  return parsed.ok ? [] : parsed.problems;
}
