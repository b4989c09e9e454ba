import type { ListedCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { listedQuestion } from '../other-questions.js';

/** The profile is on the list. */
export function listed(condition: ListedCondition): Matches {
  const { key } = listedQuestion(condition);
  return ({ done }) => done.count(key, null) > 0;
}
