import type { MessageRecord } from '../messages/message-record.js';

/** What is counted. `accepted` is every message intended; it ends as sent, withheld or failed. */
export type Metric = 'accepted' | 'sent' | 'withheld' | 'failed' | 'delivered' | 'opened' | 'clicked' | 'converted';

/** One number that changed, and by how much. */
export interface Delta {
  readonly workspace: string;
  readonly day: string;
  readonly journey: string;
  readonly step: string;
  readonly channel: string;
  readonly metric: Metric;
  readonly reason: string;
  readonly by: number;
}

/** What one message counts for as it stands: each metric at most once, with the reason where one decides. */
export function countsOf(record: MessageRecord): ReadonlyMap<Metric, string> {
  const counts = new Map<Metric, string>([['accepted', '']]);
  if (record.state !== 'in-flight') counts.set(record.state, record.reason ?? '');
  if (record.deliveredAt !== null) counts.set('delivered', '');
  if (record.openedAt !== null) counts.set('opened', '');
  if (record.clickedAt !== null) counts.set('clicked', '');
  // A message that never arrived converted nobody, whatever its recipient did afterwards.
  if (record.convertedAt !== null && record.state === 'sent') counts.set('converted', '');
  return counts;
}

/**
 * How the numbers change when messages change from what they were to what they are: counting differences of keyed
 * rows, not records, is what makes a replay count nothing twice.
 */
export function deltasOf(changes: readonly { readonly before: MessageRecord | null; readonly after: MessageRecord }[]): Delta[] {
  const sums = new Map<string, Delta>();
  for (const { before, after } of changes) {
    if (before !== null) add(sums, before, -1);
    add(sums, after, 1);
  }
  return [...sums.values()].filter(({ by }) => by !== 0).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function add(sums: Map<string, Delta>, record: MessageRecord, by: number): void {
  const { workspace, day, journey, step, channel } = record;
  for (const [metric, reason] of countsOf(record)) {
    const delta = { workspace, day, journey: journey ?? '', step: step ?? '', channel, metric, reason, by };
    const key = keyOf(delta);
    sums.set(key, { ...delta, by: (sums.get(key)?.by ?? 0) + by });
  }
}

const keyOf = ({ workspace, day, journey, step, channel, metric, reason }: Delta): string =>
  JSON.stringify([workspace, day, journey, step, channel, metric, reason]);
