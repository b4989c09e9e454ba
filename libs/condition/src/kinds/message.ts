import type { MessageCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { messageQuestion } from '../other-questions.js';

/** It came back about enough messages. */
export function message(condition: MessageCondition): Matches {
  const { key, windowMs, holds } = messageQuestion(condition);
  return ({ done }) => holds(done.count(key, windowMs));
}
