import { setTimeout as sleep } from 'node:timers/promises';
import { ARCHETYPES, chanceOf, doing } from './archetypes.js';
import type { Generator, PlainRecord } from './kafka.js';

/** A stream of what people do, at a fixed rate, whatever becomes of it. */
export interface Doings {
  readonly topic: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Chance picks from so many people, of whom the first are archetypes and not picked. */
  readonly people: number;
  /** Keeps the ids of its events apart from those of other streams. */
  readonly run: number;
}

const now = (): number => performance.timeOrigin + performance.now();

/** Sends each event when its time has come, which is also when it was received; resolves to how many there were. */
export async function sendDoings(generator: Generator, { topic, perSecond, seconds, people, run }: Doings): Promise<number> {
  const events = Math.floor(perSecond * seconds);
  const startedAt = now() + 50;
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const made = (event: number): PlainRecord => doingOf(run, event, people, Math.round(startedAt + (event * 1000) / perSecond));
  for (let next = 0; next < events; await sleep(2)) {
    const due = Math.min(events, Math.floor(((now() - startedAt) / 1000) * perSecond) + 1);
    if (due <= next) continue;
    const records = Array.from({ length: due - next }, (_none, index) => made(next + index));
    next = due;
    const send = generator.send(topic, records).catch((error: unknown) => void failures.push(error)).finally(() => underWay.delete(send)); // prettier-ignore
    underWay.add(send);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw new Error(`${failures.length} sends failed`, { cause: failures[0] });
  return events;
}

/** A burst: all of them at once, of people whom chance picks as in `Doings`. */
export const burstOf = (run: number, events: number, people: number): readonly PlainRecord[] => {
  const at = Date.now();
  return Array.from({ length: events }, (_none, event) => doingOf(run, event, people, at));
};

const doingOf = (run: number, event: number, people: number, at: number): PlainRecord =>
  doing(ARCHETYPES + Math.floor(chanceOf(run, event) * (people - ARCHETYPES)), `run-${run}-${event}`, at, chanceOf(run, event, 1));
