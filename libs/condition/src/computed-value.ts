import type { ComputedTraitDefinition, ComputedValue } from '@tidings/contracts';
import { computedQuestion } from './computed-question.js';
import type { Done } from './subject.js';

const DAY = 86_400_000;

/** Reads what a computed trait comes to at `now`, in ms; undefined when it has no value. */
export type ReadComputed = (done: Done, now: number) => ComputedValue | undefined;

/** Makes the reader of a computed trait, once per definition. */
export function computedValue(trait: ComputedTraitDefinition): ReadComputed {
  const question = computedQuestion(trait);
  if (question.kind === 'streak') return (done) => done.streak(question.key, question.freezeDays);
  const { key, windowMs } = question;
  switch (question.kind) {
    case 'count':
    case 'distinct':
      return (done) => done.count(key, windowMs);
    case 'number':
      return (done) => done.number(key, windowMs, question.of);
    case 'told':
      return (done, now) => toldWithin(done.told(key), windowMs, now);
    case 'frequent':
      return (done) => done.frequent(key, windowMs);
    case 'firsts':
      return (done) => done.firstIn(key, windowMs);
    case 'times':
      return (done, now) => daysSince(done.times(key)?.last, windowMs, now);
  }
}

/** It is over so long after it was told. */
function toldWithin(told: ReturnType<Done['told']>, windowMs: number | null, now: number): ComputedValue | undefined {
  return told === undefined || (windowMs !== null && now >= told.at + windowMs) ? undefined : told.value;
}

/** What happened and is received at once may be some milliseconds ahead of the moment that is asked about. */
function daysSince(last: number | undefined, windowMs: number | null, now: number): number | undefined {
  if (last === undefined || (windowMs !== null && now >= last + windowMs)) return undefined;
  return Math.max(0, Math.floor((now - last) / DAY));
}
