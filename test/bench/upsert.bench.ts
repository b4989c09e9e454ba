import { connect, Database, rowSet } from '@tidings/postgres';
import pg from 'pg';
import { CpuMeter } from './measure/cpu-meter.js';
import { listenerOf } from './measure/proc.js';
import { compare } from './measure/report.js';
import { interleave, type Arm, type Measured } from './measure/rounds.js';
import { given, numberSetting, rounds } from './measure/settings.js';
import { copyIn } from './rig/copy-in.js';
import { segmentsOf } from './rig/definitions.js';
import { profileOf } from './rig/people.js';
import { runBenchmark } from './rig/run.js';
import { populate, startSegmentation } from './rig/segmentation.js';

const BATCH = numberSetting('BENCH_BATCH', 5_000);
const BATCHES = numberSetting('BENCH_BATCHES', 10);
const TABLE = 'segmentation.profile';

type Row = Readonly<Record<string, unknown>>;
type ColumnType = Parameters<typeof rowSet>[0][string];

interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const types: Readonly<Record<string, ColumnType>> = {
  text: 'text', jsonb: 'jsonb', bigint: 'int8', integer: 'int4', 'timestamp with time zone': 'timestamptz', boolean: 'bool',
}; // prettier-ignore

const columnsOf = async (client: pg.Client): Promise<readonly Column[]> => {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns where table_schema = 'segmentation' and table_name = 'profile' order by ordinal_position`,
  );
  return rows.map(({ name, type }) => ({ name, type: types[type] ?? 'text' }));
};

/** A row as COPY reads it. */
const copyLine = (row: Row, columns: readonly Column[]): string => `${columns.map(({ name, type }) => copied(row[name], type)).join('\t')}\n`;

function copied(value: unknown, type: ColumnType): string {
  if (value === null || value === undefined) return '\\N';
  const text = typeof value === 'string' && type !== 'jsonb' ? value : value instanceof Date ? value.toISOString() : JSON.stringify(value);
  return text.replaceAll(/[\\\n\t\r]/g, (letter) => ({ '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' })[letter] ?? letter);
}

/** Every batch has rows of its own people, of the shapes that the service wrote. */
class Rows {
  private next = 10_000;

  constructor(private readonly shapes: readonly Row[]) {}

  /** So many that are not there yet. */
  fresh(count: number): readonly Row[] {
    const first = this.next;
    this.next += count;
    return Array.from({ length: count }, (_none, n) => this.of(first + n));
  }

  /** Half of them are there, changed since. */
  mixed(count: number): readonly Row[] {
    const half = Math.floor(count / 2);
    const known = Array.from({ length: half }, (_none, n) => this.of(10_000 + ((this.next * 7 + n * 13) % (this.next - 10_000))));
    return [...new Map([...known, ...this.fresh(count - half)].map((row) => [row['profile_id'], row])).values()];
  }

  private of(person: number): Row {
    const shape = this.shapes[person % this.shapes.length] ?? {};
    return { ...shape, profile_id: profileOf(person), version: Number(shape['version']) + (this.next % 100) };
  }
}

interface Rig {
  readonly rows: Rows;
  readonly columns: readonly Column[];
  readonly meter: CpuMeter;
}

const arm = (name: string, { meter }: Rig, made: () => readonly (readonly Row[])[], write: (rows: readonly Row[]) => Promise<void>): Arm => ({
  name,
  run: async (): Promise<Measured> => {
    const batches = made();
    await meter.untilIdle();
    meter.begin();
    const startedAt = performance.now();
    for (const batch of batches) await write(batch);
    const messages = batches.reduce((sum, batch) => sum + batch.length, 0);
    return { messages, seconds: (performance.now() - startedAt) / 1000, lost: 0, doubled: 0, cpu: meter.used() };
  },
});

/** The statement that the service writes changed profiles with, over whatever columns the table has. */
function upserting(database: Database, columns: readonly Column[]): (rows: readonly Row[]) => Promise<void> {
  const set = rowSet(Object.fromEntries(columns.map(({ name, type }) => [name, type])));
  const assignments = columns.filter(({ name }) => name !== 'workspace' && name !== 'profile_id').map(({ name }) => `${name} = excluded.${name}`);
  const sql = `insert into ${TABLE} (${set.names}) select ${set.names} from ${set.source()} on conflict (workspace, profile_id) do update set ${assignments.join(', ')}`;
  return (rows) => database.transact({ workspaces: ['demo'] }, async (tx) => void (await tx.query(sql, set.parameters(rows))));
}

await runBenchmark('upsert', async (closing) => {
  const rig = await startSegmentation(segmentsOf(100), { closing });
  await populate(rig, { profiles: 2_000, events: 10 });
  const client = new pg.Client({ connectionString: rig.installation.databaseUrl });
  await client.connect();
  closing.add(() => client.end());
  await Promise.all(rig.installation.of('segmentation').map((process) => process.stop()));
  const source = await connect({ url: rig.installation.databaseUrl });
  closing.add(() => source.destroy());
  const columns = await columnsOf(client);
  const shapes = (await client.query<Row>(`select * from ${TABLE} limit 2000`)).rows;
  const rows = new Rows(shapes);
  const postgres = listenerOf(Number(new URL(given('TEST_DATABASE_URL')).port || 5432));
  const bench: Rig = { rows, columns, meter: new CpuMeter({ postgres, client: process.pid }) };
  const upsert = upserting(new Database(source), columns);
  const copy = (batch: readonly Row[]) =>
    copyIn(client, `copy ${TABLE} (${columns.map(({ name }) => name).join(', ')}) from stdin`, batch.map((row) => copyLine(row, columns)).join(''));
  const many = (make: () => readonly Row[]) => () => Array.from({ length: BATCHES }, make);
  const fresh = many(() => rows.fresh(BATCH));
  const arms = await interleave(
    [
      arm('COPY of new rows', bench, fresh, copy),
      arm('upsert of new rows', bench, fresh, upsert),
      arm('upsert, half of them there', bench, many(() => rows.mixed(BATCH)), upsert),
      arm('COPY of new rows again', bench, fresh, copy),
    ],
    rounds(),
  );
  return {
    config: {
      durability: 'every batch is a transaction with the fsync above, in all arms',
      load: `${BATCHES} batches of ${BATCH} rows per run, ${columns.length} columns, ${Math.round(JSON.stringify(shapes).length / Math.max(1, shapes.length))} characters of JSON a row, all indexes of the table; both arms make their texts from the same objects within the time`,
    },
    arms,
    comparisons: [
      compare('upsert of new rows / COPY', arms[1], arms[0], 0.75),
      compare('upsert, half of them there / COPY', arms[2], arms[0]),
    ],
    control: compare('control: COPY again / COPY', arms[3], arms[0]),
  };
});
