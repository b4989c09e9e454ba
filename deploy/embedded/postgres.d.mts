import type { EmbeddedServer, StartServer } from './server.mjs';

/** How a database server is started; without `dir` it is a throw-away one. */
export interface StartPostgres extends StartServer {
  /** True keeps what was committed over a loss of power; false is for tests, and faster. */
  readonly durable?: boolean | undefined;
  /** Further settings, `name=value` each; they win over its own. */
  readonly settings?: readonly string[] | undefined;
  /** The superuser's password; without it every local user of the machine is let in. Counts when the data folder is made. */
  readonly password?: string | undefined;
}

/** A running database server. */
export interface EmbeddedPostgres extends EmbeddedServer {
  /** The address of a database for the superuser; `postgres` when none is named. */
  url(database?: string): string;
}

/** Starts a PostgreSQL server and resolves when it accepts connections; see postgres.mjs. */
export function startPostgres(options: StartPostgres): Promise<EmbeddedPostgres>;

/** Creates a database unless it exists. */
export function ensureDatabase(server: EmbeddedPostgres, database: string): Promise<void>;
