import type { Meter } from '@opentelemetry/api';

/** What a measurement is told apart by; few values each, and never anything about a person. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

/** A number that only rises. */
export interface Counter {
  add(by: number, labels?: Labels): void;
}

/** A distribution. */
export interface Histogram {
  record(value: number, labels?: Labels): void;
}

/** One reading of a gauge. */
export interface Reading {
  readonly value: number;
  readonly labels?: Labels;
}

type Read = () => number | readonly Reading[] | Promise<number | readonly Reading[]>;

/** Bounds in seconds for anything from a function call to a minute. */
export const secondsBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

let meter: Meter | null = null;
const waiting: ((meter: Meter) => void)[] = [];

/** Instruments are declared where they are used, often before the process has a meter: they are made when it has. */
function withMeter(bind: (meter: Meter) => void): void {
  if (meter === null) waiting.push(bind);
  else bind(meter);
}

/** Gives all instruments, declared before and after, their meter. Until then measuring does nothing. */
export function measureWith(real: Meter): void {
  meter = real;
  for (const bind of waiting.splice(0)) bind(real);
}

/** Declares a counter; names end in `_total`. */
export function counter(name: string, help: string): Counter {
  let bound: Counter | null = null;
  withMeter((real) => (bound = real.createCounter(name, { description: help })));
  return { add: (by, labels) => bound?.add(by, labels) };
}

/** Declares a histogram with its bucket bounds, in the unit that the name ends with. */
export function histogram(name: string, help: string, buckets: readonly number[] = secondsBuckets): Histogram {
  let bound: Histogram | null = null;
  const advice = { explicitBucketBoundaries: [...buckets] };
  withMeter((real) => (bound = real.createHistogram(name, { description: help, advice })));
  return { record: (value, labels) => bound?.record(value, labels) };
}

/** Declares a gauge that is read when somebody looks: one number, or one per set of labels. */
export function gauge(name: string, help: string, read: Read): void {
  withMeter((real) => {
    real.createObservableGauge(name, { description: help }).addCallback(async (result) => {
      const now = await read();
      if (typeof now === 'number') result.observe(now);
      else for (const { value, labels } of now) result.observe(value, labels);
    });
  });
}
