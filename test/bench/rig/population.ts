import pg from 'pg';

/** Where copies are made: the tables of segmentation, as a superuser who is bound by no policy. */
export class Population {
  private constructor(private readonly client: pg.Client) {}

  static async open(databaseUrl: string): Promise<Population> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return new Population(client);
  }

  close(): Promise<void> {
    return this.client.end();
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
   * copied before: their rows, their memberships and their history, whatever columns these have.
   */
  async grow(archetypes: number, from: number, total: number): Promise<void> {
    for (const table of ['profile', 'segment_member', 'event_history'] as const) await this.copy(table, archetypes, from, total);
    await this.client.query('vacuum (analyze) segmentation.profile, segmentation.segment_member, segmentation.event_history');
    await this.client.query('checkpoint');
  }

  private async copy(table: string, archetypes: number, from: number, total: number): Promise<void> {
    const columns = await this.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_schema = 'segmentation' and table_name = $1 and is_generated = 'NEVER'`,
      [table],
    );
    const names = columns.map(({ name }) => `"${name}"`);
    const values = names.map((name) => (name === '"profile_id"' ? `'user-' || lpad(n::text, 8, '0')` : `t.${name}`));
    // In the order of the key, each index grows at its end.
    const order = table === 'segment_member' ? 'order by t.segment, n' : '';
    await this.client.query(
      `insert into segmentation.${table} (${names.join(', ')})
       select ${values.join(', ')} from generate_series($2::int, $3::int - 1) n
         join segmentation.${table} t on t.profile_id = 'user-' || lpad((n % $1::int)::text, 8, '0') ${order}`,
      [archetypes, from, total],
    );
  }
}
