import { digest } from '@tidings/condition';

/** So many messages that were sent are looked at, and as many that were opened or clicked: those of the newest times. */
const MAX_MESSAGES = 1_000;

/** What is kept of messages, by the digests of their ids. */
export interface Ignored {
  /** When each was sent, in ms. */
  readonly sent: Readonly<Record<string, number>>;
  /** When each was last opened or clicked, in ms. */
  readonly engaged: Readonly<Record<string, number>>;
  /** The moment at which time alone changes an answer. */
  readonly flipsAt: number | null;
}

/** What decides which messages count as ignored. */
export interface Ignoring {
  /** How long there was to open or click. */
  readonly afterMs: number;
  /** How long ago a message may have been sent. */
  readonly lastMs: number;
  readonly asks: readonly ((count: number) => boolean)[];
}

/** What became of a message. */
export interface Engagement {
  readonly kind: 'sent' | 'engaged';
  readonly messageId: unknown;
  /** In ms. */
  readonly at: number;
}

/** The messages after something became of one, as they are at `now`. The newest of several times counts, whatever the order in which they come. */
export function ignored(
  before: Ignored | undefined,
  how: Ignoring,
  { kind, messageId, at }: Engagement,
  now: number,
): Ignored | undefined {
  if (typeof messageId !== 'string') return before;
  const name = digest(messageId);
  if (at <= (before?.[kind][name] ?? -Infinity) || at + how.lastMs <= now) return before;
  const kept = { sent: before?.sent ?? {}, engaged: before?.engaged ?? {}, flipsAt: null };
  return agedIgnored({ ...kept, [kind]: { ...kept[kind], [name]: at } }, how, now);
}

/** The messages at `now`. */
export function agedIgnored(before: Ignored | undefined, how: Ignoring, now: number): Ignored {
  const sent = newest(before?.sent ?? {}, now - how.lastMs);
  const engaged = newest(before?.engaged ?? {}, now - how.lastMs);
  return { sent, engaged, flipsAt: flipOf({ sent, engaged }, how, now) };
}

/** How many are ignored at `now`. */
export function ignoredIn(kept: Ignored, how: Omit<Ignoring, 'asks'>, now: number): number {
  let count = 0;
  for (const [from, until] of spansOf(kept, how)) if (from <= now && now < until) count += 1;
  return count;
}

type Times = Pick<Ignored, 'sent' | 'engaged'>;

/**
 * From when until when each message is ignored. What was opened or clicked is not, for as long as that is looked at; which
 * is longer than the message is, unless the clocks of sender and recipient differ.
 */
function spansOf({ sent, engaged }: Times, { afterMs, lastMs }: Omit<Ignoring, 'asks'>): [number, number][] {
  return Object.entries(sent).flatMap(([name, at]): [number, number][] => {
    const engagedAt = engaged[name] ?? -Infinity;
    const from = Math.max(at + afterMs, engagedAt === -Infinity ? -Infinity : engagedAt + lastMs);
    const until = at + lastMs;
    return from < until ? [[from, until]] : [];
  });
}

/** The first moment after `now` at which so many more or fewer are ignored that an answer is another. */
function flipOf(times: Times, how: Ignoring, now: number): number | null {
  const spans = spansOf(times, how);
  let count = spans.filter(([from, until]) => from <= now && now < until).length;
  const current = how.asks.map((holds) => holds(count));
  for (const [moment, more] of turnsOf(spans, now)) {
    count += more;
    if (how.asks.some((holds, index) => holds(count) !== current[index])) return moment;
  }
  return null;
}

/** How many more or fewer there are from each moment after `now` on, the next first. */
function turnsOf(spans: readonly (readonly [from: number, until: number])[], now: number): (readonly [number, number])[] {
  const turns = new Map<number, number>();
  const turn = (moment: number, by: number) => {
    if (moment > now && moment !== Infinity) turns.set(moment, (turns.get(moment) ?? 0) + by);
  };
  for (const [from, until] of spans) {
    turn(from, 1);
    turn(until, -1);
  }
  return [...turns].toSorted(([a], [b]) => a - b);
}

/** Those after the horizon; among too many those of the newest times, and among those of the same time the digest decides. */
function newest(times: Readonly<Record<string, number>>, horizon: number): Readonly<Record<string, number>> {
  const all = Object.entries(times);
  const kept = all.filter(([, at]) => at > horizon);
  if (kept.length > MAX_MESSAGES)
    kept.sort(([a, at], [b, bt]) => bt - at || (a < b ? -1 : 1)).splice(MAX_MESSAGES, kept.length);
  return kept.length === all.length ? times : Object.fromEntries(kept);
}
