import type { ServerChild } from './server-child.mjs';

/** How a database server is started; without `dir` it is a throw-away one. */
export interface StartPostgres {
  readonly dir?: string | undefined;
  readonly port?: number | undefined;
  /** True keeps what was committed over a loss of power; false is for tests, and faster. */
  readonly durable?: boolean | undefined;
  /** Its folder is removed when it stops, or when this process dies. */
  readonly ephemeral?: boolean | undefined;
  /** The superuser's password; without it every local user of the machine is let in. Counts when the data folder is made. */
  readonly password?: string | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** A running database server that ends with this process. */
export interface EmbeddedPostgres {
  readonly port: number;
  readonly dir: string;
  readonly pid: number;
  readonly child: ServerChild;
  /** The address of a database for the superuser; `postgres` when none is named. */
  url(database?: string): string;
  stop(): Promise<void>;
  /** SIGKILL; `startPostgres` with the same `dir` and `port` goes on where it was. */
  kill(): Promise<void>;
}

/** Starts a PostgreSQL server and resolves when it accepts connections; see postgres.mjs. */
export function startPostgres(options: StartPostgres): Promise<EmbeddedPostgres>;

/** Creates a database unless it exists. */
export function ensureDatabase(server: EmbeddedPostgres, database: string): Promise<void>;
