import { durationMs, type PerformedCondition, type TimeComparisons } from '@tidings/contracts';
import type { Matches } from '../compile.js';
import { spanOf } from '../moment.js';
import { countHolds, performedQuestion } from '../performed-questions.js';

/** What was done is as often, as much or as long ago as asked. */
export function performed(condition: PerformedCondition): Matches {
  const question = performedQuestion(condition);
  const { key } = question;
  switch (question.kind) {
    case 'count': {
      const holds = countHolds(condition);
      return ({ done }) => holds(done.count(key, question.windowMs));
    }
    case 'number':
      return ({ done }) => question.holds(done.number(key, question.windowMs, question.of));
    case 'distinct':
      return ({ done }) => question.holds(done.count(key, question.windowMs));
    case 'times': {
      const first = timeHolds(condition.firstTime);
      const last = timeHolds(condition.lastTime);
      return ({ done, now }) => {
        const times = done.times(key);
        return times !== undefined && first(times.first, now) && last(times.last, now);
      };
    }
  }
}

/** Dates begin in UTC, as those of a range do. */
function timeHolds({ before, after, withinLast }: TimeComparisons = {}): (time: number, now: number) => boolean {
  const until = spanOf(before, null)?.from ?? Infinity;
  const from = spanOf(after, null)?.until ?? -Infinity;
  const lastMs = withinLast === undefined ? Infinity : durationMs(withinLast);
  return (time, now) => time < until && time >= from && now < time + lastMs;
}
