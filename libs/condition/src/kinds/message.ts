import type { MessageCondition } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { messageQuestion } from '../other-questions.js';

/** It is known of as many messages as asked. */
export function message(condition: MessageCondition): Matches {
  const question = messageQuestion(condition);
  const { key, holds } = question;
  const windowMs = question.kind === 'ignored' ? null : question.windowMs;
  return ({ done }) => holds(done.count(key, windowMs));
}
