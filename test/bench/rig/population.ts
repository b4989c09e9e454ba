import pg from 'pg';

/** Where copies are made: the tables of segmentation, as a superuser who is bound by no policy. */
export class Population {
  private constructor(
    private readonly client: pg.Client,
    private readonly other: pg.Client,
  ) {}

  static async open(databaseUrl: string): Promise<Population> {
    const [client, other] = [new pg.Client({ connectionString: databaseUrl }), new pg.Client({ connectionString: databaseUrl })];
    await Promise.all([client.connect(), other.connect()]);
    return new Population(client, other);
  }

  async close(): Promise<void> {
    await Promise.all([this.client.end(), this.other.end()]);
  }

  /** The rows of one statement. */
  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...parameters])).rows;
  }

  /** Partitions for the days that lie behind, as an installation has them that has run for so long. */
  async makePast(days: number): Promise<void> {
    await this.client.query(`select segmentation.add_day_partition('event_history', current_date - ahead) from generate_series(0, $1::int) ahead`, [days]);
  }

  /** Says that everybody was told of the segments there are: copies are of people who were. */
  async everybodyToldOf(): Promise<void> {
    await this.client.query(`update segmentation.backfill set pass = 3, cursor = ''`);
  }

  /**
   * Copies the first `archetypes` people, whom the service itself knows, until there are `total`, beginning behind those that were
   * copied before: their rows, their memberships and their history, whatever columns these have. In two halves at once, for two cores.
   * All is of one moment: time goes on changing the first meanwhile, and a copy whose row and memberships were of different moments
   * would be somebody whom no service ever made.
   */
  async grow(archetypes: number, from: number, total: number): Promise<void> {
    const middle = Math.floor((from + total) / 2);
    await this.client.query('begin isolation level repeatable read');
    const [moment] = await this.query<{ id: string }>('select pg_export_snapshot() as id');
    await this.other.query('begin isolation level repeatable read');
    await this.other.query(`set transaction snapshot '${moment?.id ?? ''}'`);
    await Promise.all([this.copied(this.client, archetypes, from, middle), this.copied(this.other, archetypes, middle, total)]);
    await Promise.all([this.client.query('commit'), this.other.query('commit')]);
    await this.client.query('vacuum (analyze) segmentation.profile, segmentation.segment_member, segmentation.event_history');
    await this.client.query('checkpoint');
  }

  private async copied(client: pg.Client, archetypes: number, from: number, total: number): Promise<void> {
    for (const table of ['event_history', 'segment_member', 'profile'] as const) await client.query(await this.copy(table), [archetypes, from, total]);
  }

  private async copy(table: string): Promise<string> {
    const columns = await this.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_schema = 'segmentation' and table_name = $1 and is_generated = 'NEVER'`,
      [table],
    );
    const names = columns.map(({ name }) => `"${name}"`);
    const values = names.map((name) => (name === '"profile_id"' ? `'user-' || lpad(n::text, 8, '0')` : `t.${name}`));
    // In the order of the key, each index grows at its end.
    const order = table === 'segment_member' ? 'order by t.segment, n' : '';
    return `
      insert into segmentation.${table} (${names.join(', ')})
      select ${values.join(', ')} from generate_series($2::int, $3::int - 1) n
        join segmentation.${table} t on t.profile_id = 'user-' || lpad((n % $1::int)::text, 8, '0') ${order}`;
  }
}
