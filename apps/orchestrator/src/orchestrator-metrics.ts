import { counter, gauge, histogram } from '@tidings/service';

const latency = histogram(
  'tidings_stage_latency_seconds',
  'From the moment a cause was received or fell due until a stage was done with it.',
);
const suppressed = counter(
  'tidings_suppressed_total',
  'Messages that were withheld and runs that were refused, by reason.',
);
const postponed = counter(
  'tidings_wakes_postponed_total',
  'Profiles whose wake failed and that are looked at again later.',
);

let overdueSeconds = 0;
gauge('tidings_scheduler_overdue_seconds', 'How late a scheduler was with what it last took on.', () => [
  { value: overdueSeconds, labels: { scheduler: 'orchestrator' } },
]);

/** Counts what was published: when each of its causes came, and why messages were suppressed. */
export function measureDone(causes: readonly string[], reasons: readonly string[], now: number): void {
  for (const at of causes) latency.record((now - Date.parse(at)) / 1000, { stage: 'orchestrator' });
  for (const reason of reasons) suppressed.add(1, { reason });
}

/** Notes how long the longest overdue wake of a round had been due; 0 when none was. */
export function measureOverdue(seconds: number): void {
  overdueSeconds = seconds;
}

/** Counts a profile whose wake failed. */
export function measurePostponed(reason: 'definition-unknown' | 'failed'): void {
  postponed.add(1, { reason });
}
