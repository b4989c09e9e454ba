import type { SequenceCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { sequenceQuestion } from '../other-questions.js';

/** The sequence was completed, recently enough. */
export function sequence(condition: SequenceCondition): Matches {
  const { key, lastMs } = sequenceQuestion(condition);
  return ({ done, now }) => {
    const completedAt = done.completedAt(key);
    return completedAt !== null && now < completedAt + lastMs;
  };
}
