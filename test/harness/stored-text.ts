import pg from 'pg';

/** Every row of every table of a database as text, whoever may see it, by the table's name; rows of partitions are their table's. */
export async function storedRows(databaseUrl: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where relkind in ('r', 'p') and not relispartition and nspname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const stored = new Map<string, readonly string[]>();
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
      stored.set(name, rows.map(({ text }) => text)); // prettier-ignore
    }
    return stored;
  } finally {
    await client.end();
  }
}

/** The same as lines that begin with the table's name: what a dump would show. */
export async function storedText(databaseUrl: string): Promise<string> {
  const stored = await storedRows(databaseUrl);
  return [...stored].flatMap(([name, rows]) => rows.map((row) => `${name} ${row}`)).join('\n');
}
