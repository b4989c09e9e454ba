import type { Count } from './reports.store.js';

/** The numbers of a journey, a step or a channel. */
export interface Summary {
  readonly accepted: number;
  readonly sent: number;
  readonly delivered: number;
  readonly withheld: number;
  readonly failed: number;
  readonly opened: number;
  readonly clicked: number;
  readonly converted: number;
  readonly withheldByReason: Readonly<Record<string, number>>;
  readonly failedByReason: Readonly<Record<string, number>>;
}

/** Adds up counts. */
export function summaryOf(counts: readonly Count[]): Summary {
  const sum = (metric: string) => counts.filter((count) => count.metric === metric).reduce((total, { count }) => total + count, 0);
  return {
    accepted: sum('accepted'),
    sent: sum('sent'),
    delivered: sum('delivered'),
    withheld: sum('withheld'),
    failed: sum('failed'),
    opened: sum('opened'),
    clicked: sum('clicked'),
    converted: sum('converted'),
    withheldByReason: byReason(counts, 'withheld'),
    failedByReason: byReason(counts, 'failed'),
  };
}

function byReason(counts: readonly Count[], metric: string): Record<string, number> {
  const reasons = Map.groupBy(
    counts.filter((count) => count.metric === metric),
    ({ reason }) => reason,
  );
  return Object.fromEntries(
    [...reasons].map(([reason, of]) => [reason, of.reduce((total, { count }) => total + count, 0)] as const).filter(([, count]) => count !== 0),
  );
}
