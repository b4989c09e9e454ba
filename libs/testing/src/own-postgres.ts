type Embedded = typeof import('../../../deploy/embedded/postgres.mjs');

/** A database server of the test's own, which it may stop, kill and start again without harm to others; give it a folder to find its data again. */
export async function ownPostgres(options: Parameters<Embedded['startPostgres']>[0]): ReturnType<Embedded['startPostgres']> {
  const embedded = new URL('../../../deploy/embedded/postgres.mjs', import.meta.url).href;
  const { startPostgres } = (await import(embedded)) as Embedded;
  return startPostgres(options);
}
