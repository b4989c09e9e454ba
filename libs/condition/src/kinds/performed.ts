import { durationMs, type PerformedCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { counterKey } from '../counter-key.js';

/** The event was performed often enough within the window. */
export function performed(condition: PerformedCondition): Matches {
  const counter = counterKey(condition);
  const windowMs = condition.withinLast === undefined ? null : durationMs(condition.withinLast);
  const { atLeast = 1 } = condition;
  return (subject) => subject.count(counter, windowMs) >= atLeast;
}
