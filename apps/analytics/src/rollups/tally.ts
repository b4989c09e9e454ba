import type { MessageRecord } from '../messages/message-record.js';
import { nameOf } from '../name-of.js';

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
 * rows, not records, is what makes a replay count nothing twice. In one order, so that whoever moves them waits for nobody in a circle.
 */
export function deltasOf(changes: readonly { readonly before: MessageRecord | null; readonly after: MessageRecord }[]): Delta[] {
  const sums = new Map<string, Sum>();
  for (const { before, after } of changes) {
    if (before !== null) add(sums, before, -1);
    add(sums, after, 1);
  }
  const moved = [...sums].filter(([, { by }]) => by !== 0);
  return moved.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

type Sum = Omit<Delta, 'by'> & { by: number };

function add(sums: Map<string, Sum>, record: MessageRecord, by: number): void {
  const { workspace, day, channel } = record;
  const [journey, step] = [record.journey ?? '', record.step ?? ''];
  const about = nameOf([workspace, day, journey, step, channel]);
  for (const [metric, reason] of countsOf(record)) {
    const key = about + nameOf([metric, reason]);
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { workspace, day, journey, step, channel, metric, reason, by });
    else known.by += by;
  }
}
