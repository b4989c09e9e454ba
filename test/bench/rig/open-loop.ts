import { setTimeout as sleep } from 'node:timers/promises';
import type { ArrivalTimes } from '../processes/sink.js';
import type { Generator } from './kafka.js';
import { profileOf, signedUp, tokenOf } from './people.js';

/** A stream of events at a fixed rate, whatever becomes of them. */
export interface Stream {
  readonly topic: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly people: number;
  /** Keeps the ids of its events apart from those of other streams. */
  readonly run: number;
}

/** When each event should have been sent, in milliseconds of the clock. */
export interface Sent {
  readonly stream: Stream;
  readonly startedAt: number;
  readonly events: number;
  /** How long after its time each event was handed to the client, in ms: what of the latency is the generator's. */
  readonly late: readonly number[];
}

const now = (): number => performance.timeOrigin + performance.now();

/** Sends each event when its time has come and never waits for an answer: a slow system does not get fewer of them. */
export async function sendOpenLoop(generator: Generator, stream: Stream): Promise<Sent> {
  const { topic, perSecond, seconds, people, run } = stream;
  const events = Math.floor(perSecond * seconds);
  const startedAt = now() + 50;
  const late: number[] = [];
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (let next = 0; next < events; await sleep(1)) {
    const due = Math.min(events, Math.floor(((now() - startedAt) / 1000) * perSecond) + 1);
    if (due <= next) continue;
    const records = Array.from({ length: due - next }, (_, index) =>
      signedUp((next + index) % people, run, next + index),
    );
    late.push(now() - intendedAt({ startedAt, stream }, next));
    next = due;
    const send = generator.send(topic, records).catch((error: unknown) => void failures.push(error)).finally(() => underWay.delete(send)); // prettier-ignore
    underWay.add(send);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw new Error(`${failures.length} sends failed`, { cause: failures[0] });
  return { stream, startedAt, events, late };
}

const intendedAt = ({ startedAt, stream }: Pick<Sent, 'startedAt' | 'stream'>, event: number): number =>
  startedAt + (event * 1000) / stream.perSecond;

/** What the pushes of a stream came to. */
export interface Latencies {
  /** In ms, from the time an event should have been sent to its push at the sink; the sink's clock has whole ms, rounded up. */
  readonly values: readonly number[];
  /** When each should have been sent, in s since the stream began. */
  readonly at: readonly number[];
  readonly lost: number;
}

/** Each person's n-th push answers their n-th event, because both keep the order of a person. */
export function latenciesOf(sent: Sent, arrivals: ArrivalTimes): Latencies {
  const { people } = sent.stream;
  const values: number[] = [];
  const at: number[] = [];
  let lost = 0;
  for (let event = 0; event < sent.events; event += 1) {
    const arrivedAt = arrivals.get(tokenOf(profileOf(event % people)))?.[Math.floor(event / people)];
    if (arrivedAt === undefined) {
      lost += 1;
      continue;
    }
    values.push(arrivedAt + 1 - intendedAt(sent, event));
    at.push(event / sent.stream.perSecond);
  }
  return { values, at, lost };
}
