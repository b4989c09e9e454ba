import { MemoryWatch } from './measure/memory-watch.js';
import { shown, type Comparison, type Table } from './measure/report.js';
import { progress } from './measure/rounds.js';
import { numberSetting } from './measure/settings.js';
import { quantile } from './measure/statistics.js';
import { ORDER, segmentsOf, viewOf, type BenchSegment } from './rig/definitions.js';
import { runBenchmark } from './rig/run.js';
import { populate, startSegmentation, type SegmentationUnderTest } from './rig/segmentation.js';

const PROFILES = numberSetting('BENCH_PROFILES', 1_000_000);
const HISTORY = numberSetting('BENCH_HISTORY', 10);
const ASKED = numberSetting('BENCH_ROUNDS', 20);
const PUBLISHED_MS = 50;
const DRAFT_MS = 2_000;

type Where = BenchSegment['where'];

interface Preview {
  readonly size: number;
  readonly low: number;
  readonly high: number;
  readonly method: string;
  readonly sampled: number;
}

/** An audience, and the statement that counts it to the last. */
interface Question {
  readonly name: string;
  readonly where: Where;
  readonly truth: string;
}

/** Three segments that have many members. */
const large: readonly BenchSegment[] = [
  { id: 'viewers', where: { performed: viewOf(1) } },
  { id: 'buyers', where: { performed: ORDER } },
  { id: 'paying', where: { trait: 'plan', oneOf: ['basic', 'premium', 'team'] } },
];

const memberOf = (segment: string): string => `select profile_id from segmentation.segment_member where workspace = 'demo' and segment = '${segment}'`;
const did = (name: string, more = ''): string =>
  `select profile_id from segmentation.event_history where workspace = 'demo' and type = 'track' and name = '${name}'${more}`;

const published: Question = {
  name: 'published segments',
  where: { all: [{ segment: 'viewers' }, { segment: 'paying' }, { not: { segment: 'buyers' } }] },
  truth: `${memberOf('viewers')} intersect ${memberOf('paying')} except ${memberOf('buyers')}`,
};
const draft: Question = {
  name: 'a draft over history',
  where: { all: [{ trait: 'plan', equals: 'premium' }, { performed: viewOf(2), withinLast: '45d' }, { not: { performed: ORDER } }] },
  truth: `select profile_id from segmentation.profile where workspace = 'demo' and merged_into is null and traits ->> 'plan' = 'premium'
    intersect ${did(viewOf(2), ` and happened_at > (extract(epoch from now()) * 1000)::int8 - 45::int8 * 86400000`)} except ${did(ORDER)}`,
};

interface Answers {
  readonly question: Question;
  readonly ms: readonly number[];
  readonly answer: Preview;
  /** How many there are, and how many rounds answered with bounds around it. */
  readonly truth: number;
  readonly within: number;
}

async function ask({ installation, population }: SegmentationUnderTest, question: Question): Promise<Answers> {
  const [counted] = await population.query<{ count: number }>(`select count(*)::int as count from (${question.truth}) s`);
  const truth = counted?.count ?? NaN;
  const answers: Preview[] = [];
  const ms: number[] = [];
  for (let round = 0; round <= ASKED; round += 1) {
    const startedAt = performance.now();
    const answer = await installation.api<Preview>('POST', '/api/v1/segments/preview', { where: question.where });
    if (round === 0) continue;
    ms.push(performance.now() - startedAt);
    answers.push(answer);
  }
  const [answer] = answers;
  if (answer === undefined) throw new Error('nothing was asked');
  progress(`${question.name}: p50 ${shown(quantile(ms, 0.5))} ms, ${answer.size} (${answer.low} to ${answer.high}) of ${truth}`);
  return { question, ms, answer, truth, within: answers.filter(({ low, high }) => low <= truth && truth <= high).length };
}

const tableOf = (all: readonly Answers[]): Table => ({
  title: `Milliseconds over HTTP, ${ASKED} times each; and the first answer beside the count of all:`,
  head: ['', 'p50', 'p95', 'most', 'method', 'looked at', 'size (bounds)', 'counted', 'bounds held'],
  rows: all.map(({ question, ms, answer, truth, within }) => [
    question.name,
    ...[0.5, 0.95, 1].map((part) => shown(quantile(ms, part))),
    answer.method,
    shown(answer.sampled),
    `${shown(answer.size)} (${shown(answer.low)} - ${shown(answer.high)})`,
    shown(truth),
    `${within} of ${ASKED}`,
  ]),
});

const within = (name: string, limitMs: number, { ms }: Answers): Comparison => ({
  name: `${limitMs} ms / ${name}, p95`,
  ratio: { median: limitMs / quantile(ms, 0.95), min: limitMs / quantile(ms, 1), max: limitMs / quantile(ms, 0) },
  bound: 1,
});

await runBenchmark('audience', async (closing) => {
  const rig = await startSegmentation([...segmentsOf(20), ...large], { closing });
  await populate(rig, { profiles: PROFILES, events: HISTORY });
  const watch = new MemoryWatch({ segmentation: rig.pid });
  const fromMembers = await ask(rig, published);
  const fromHistory = await ask(rig, draft);
  const [memory] = watch.courses();
  return {
    config: {
      durability: 'nothing is written',
      load: `${shown(PROFILES)} profiles, ${shown(PROFILES * HISTORY)} events; one question at a time over HTTP, after one to warm up`,
      method: 'published segments: members counted in a share of one profile in 32 with indexes of its own; a draft: 1,000 profiles of the share with their history',
      'resident memory': `segmentation: at most ${shown(memory?.most ?? NaN)} MB`,
    },
    arms: [],
    comparisons: [within('three clauses over published segments', PUBLISHED_MS, fromMembers), within('three clauses over history', DRAFT_MS, fromHistory)],
    control: null,
    tables: [tableOf([fromMembers, fromHistory])],
  };
});
