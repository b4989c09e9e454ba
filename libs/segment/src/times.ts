import type { TimesQuestion } from '@tidings/condition';

/** When something was done first and last, in ms. */
export interface Times {
  readonly first: number;
  readonly last: number;
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

type Turns = TimesQuestion['turns'];

/** The times after something was done at `at`, as they are at `now`. */
export function timed(before: Times | undefined, turns: Turns, at: number, now: number): Times {
  const first = Math.min(before?.first ?? Infinity, at);
  const last = Math.max(before?.last ?? -Infinity, at);
  return agedTimes({ first, last, flipsAt: null }, turns, now);
}

/** The times at `now`. */
export function agedTimes({ first, last }: Times, turns: Turns, now: number): Times {
  const times = { first, last };
  const ahead = turns.map(({ of, afterMs }) => times[of] + afterMs).filter((moment) => moment > now);
  return { first, last, flipsAt: ahead.length === 0 ? null : Math.min(...ahead) };
}
