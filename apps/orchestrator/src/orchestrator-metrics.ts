import { counter, histogram } from '@tidings/service';

const latency = histogram(
  'tidings_stage_latency_seconds',
  'From the moment a cause was received or fell due until a stage was done with it.',
);
const suppressed = counter(
  'tidings_suppressed_total',
  'Messages that were withheld and runs that were refused, by reason.',
);

/** Counts what was published: when each of its causes came, and why messages were suppressed. */
export function measureDone(causes: readonly string[], reasons: readonly string[], now: number): void {
  for (const at of causes) latency.record((now - Date.parse(at)) / 1000, { stage: 'orchestrator' });
  for (const reason of reasons) suppressed.add(1, { reason });
}
