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

/** One of the things that a message counts for. */
export interface Count {
  readonly metric: Metric;
  readonly reason: string;
}

const count = (metric: Metric): Count => ({ metric, reason: '' });
const [accepted, delivered, opened, clicked, converted] = [count('accepted'), count('delivered'), count('opened'), count('clicked'), count('converted')];

/** What one message counts for as it stands: each metric at most once, with the reason where one decides. */
export function countsOf(record: MessageRecord): readonly Count[] {
  const counts = [accepted];
  if (record.state !== 'in-flight') counts.push({ metric: record.state, reason: record.reason ?? '' });
  if (record.deliveredAt !== null) counts.push(delivered);
  if (record.openedAt !== null) counts.push(opened);
  if (record.clickedAt !== null) counts.push(clicked);
  // A message that never arrived converted nobody, whatever its recipient did afterwards.
  if (record.convertedAt !== null && record.state === 'sent') counts.push(converted);
  return counts;
}

/**
 * How the numbers change when messages change from what they were to what they are: counting differences of keyed
 * rows, not records, is what makes a replay count nothing twice. In one order, so that whoever moves them waits for nobody in a circle.
 */
export function deltasOf(changes: readonly { readonly before: MessageRecord | null; readonly after: MessageRecord }[]): Delta[] {
  const sums = new Sums();
  for (const { before, after } of changes) {
    if (before !== null) sums.add(before, -1);
    sums.add(after, 1);
  }
  return sums.moved();
}

type Sum = Omit<Delta, 'by'> & { by: number };
type About = Omit<Delta, 'by' | 'metric' | 'reason'>;

const aboutOf = ({ workspace, day, journey, step, channel }: MessageRecord): About => ({ workspace, day, journey: journey ?? '', step: step ?? '', channel });
const isAbout = (about: About, { workspace, day, journey, step, channel }: MessageRecord): boolean =>
  about.step === (step ?? '') && about.journey === (journey ?? '') && about.channel === channel && about.day === day && about.workspace === workspace;

/** Sums by what they are about, and by metric and reason. Most messages of a batch are about the same as the one before. */
class Sums {
  private readonly byAbout = new Map<string, Map<string, Sum>>();
  private about: About | null = null;
  private current = new Map<string, Sum>();

  add(record: MessageRecord, by: number): void {
    if (this.about === null || !isAbout(this.about, record)) this.turnTo(aboutOf(record));
    for (const { metric, reason } of countsOf(record)) {
      const key = reason === '' ? metric : nameOf([metric, reason]);
      const known = this.current.get(key);
      if (known === undefined) this.current.set(key, { ...(this.about ?? aboutOf(record)), metric, reason, by });
      else known.by += by;
    }
  }

  moved(): Delta[] {
    return [...this.byAbout]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, sums]) => [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum))
      .filter(({ by }) => by !== 0);
  }

  private turnTo(about: About): void {
    const { workspace, day, journey, step, channel } = about;
    const name = nameOf([workspace, day, journey, step, channel]);
    const known = this.byAbout.get(name) ?? new Map<string, Sum>();
    this.byAbout.set(name, known);
    this.about = about;
    this.current = known;
  }
}
