import pg from 'pg';
import { DataSource } from 'typeorm';
import { appRole } from './app-role.js';
import { unreachable } from './postgres-error.js';

/** How to reach Postgres, and how long to wait for it. */
export interface PostgresSettings {
  readonly url: string;
  /** Connections of this process; default 10. */
  readonly poolSize?: number;
  readonly applicationName?: string;
  /** One statement takes no longer; default 30 s. */
  readonly statementTimeoutMs?: number;
  /** A transaction waits no longer between two statements; default 60 s, twice what a publish may take in it. */
  readonly idleInTransactionMs?: number;
  /** Time for a connection, new or from the pool; default 10 s. */
  readonly connectTimeoutMs?: number;
}

/** How much later than the server we give up on a statement: only a server that is not there any more is given up on here. */
const SILENCE_MS = 5_000;

/**
 * Connects to Postgres as the app role. Rejects with `InfrastructureError` while Postgres cannot be reached or was never
 * migrated, and with an ordinary error when row-level security would not bind the connection.
 */
export async function connect(settings: PostgresSettings): Promise<DataSource> {
  const dataSource = new DataSource(sourceOptions(settings));
  try {
    await dataSource.initialize();
  } catch (error) {
    throw unreachable(error);
  }
  await refuseBypass(dataSource);
  return dataSource;
}

function sourceOptions(settings: PostgresSettings) {
  const { url, options } = withoutOptions(settings.url);
  const { statementTimeoutMs = 30_000, idleInTransactionMs = 60_000, connectTimeoutMs = 10_000 } = settings;
  const session = {
    role: appRole,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
  return {
    type: 'postgres' as const,
    driver: pg,
    url,
    poolSize: settings.poolSize ?? 10,
    applicationName: settings.applicationName ?? 'tidings',
    connectTimeoutMS: connectTimeoutMs,
    installExtensions: false,
    logging: false as const,
    // The pool drops a broken idle connection by itself; whoever needs one next sees the error.
    poolErrorHandler: () => undefined,
    extra: {
      options: [options, ...Object.entries(session).map(([name, value]) => `-c ${name}=${value}`)].join(' ').trim(),
      query_timeout: statementTimeoutMs + SILENCE_MS,
      keepAlive: true,
      // Statements that are sent without waiting for each other share a round trip.
      pipeline: true,
      idleTimeoutMillis: 60_000,
      types,
    },
  };
}

/** `options` in the url would replace ours, and with them the role: they are kept, in front of ours. */
function withoutOptions(text: string): { url: string; options: string } {
  const url = new URL(text);
  const options = url.searchParams.get('options') ?? '';
  url.searchParams.delete('options');
  return { url: url.toString(), options };
}

/** Offsets and counts fit a number; a `date` is a day and not an instant of the machine's time zone. */
const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.DATE, String],
]);
const types: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    const parser: unknown = (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format);
    return parser;
  },
};

async function refuseBypass(dataSource: DataSource): Promise<void> {
  const [role] = await dataSource.query<{ name: string; bypasses: boolean }[]>(
    `select rolname as name, rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user`,
  );
  if (role && role.name === appRole && !role.bypasses) return;
  await dataSource.destroy();
  throw new Error(`Postgres connections must work as ${appRole}, bound by row-level security, but work as ${role?.name}`);
}
