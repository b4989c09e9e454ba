import { types } from 'node:util';
import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { InfrastructureError } from '@tidings/bus';

/**
 * SQLSTATE classes and codes that tell of the world and not of the statement: connection, a prepared statement that a proxy
 * does not know, transaction rollback (deadlock, serialisation), resources, operator intervention (shutdown, time-out), system error; read-only server after a failover,
 * session time-outs, lock not available.
 */
const passing = ['08', '26', '40', '53', '57', '58', '25006', '25P03', '25P04', '55P03'];

/** What a rolled back transaction says: the connection under it is as good as new. */
const ROLLED_BACK = '40';

/** Errors of the connection itself become `InfrastructureError` with their cause, whatever the driver calls them. */
export function unreachable(cause: unknown): InfrastructureError {
  if (cause instanceof InfrastructureError) return cause;
  return new InfrastructureError(`Postgres cannot be reached: ${reasonOf(cause)}`, { cause });
}

/**
 * The error that a failed statement is for us. Trouble of the world becomes `InfrastructureError`, with its cause; what the
 * statement itself is to blame for stays the driver's error, without the values of rows, which must not get into logs.
 */
export function fromPostgres(error: unknown): unknown {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (cause instanceof pg.DatabaseError) return fromServer(cause);
  // The driver throws a TypeError for a parameter it cannot write; anything else without a SQLSTATE is about the connection.
  if (error instanceof QueryFailedError && !(cause instanceof TypeError)) return unreachable(cause);
  return cause;
}

/** The same for what the driver itself threw at a statement; whatever is not the server's answer is about the connection. */
export function fromStatement(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) return fromServer(error);
  return error instanceof TypeError ? error : unreachable(error);
}

/**
 * The result of a statement that writes rows which were looked for and not found, all together with what they stand for: a row that is
 * there all the same was written elsewhere meanwhile. Then nothing is stored, and the work has to be begun again: `InfrastructureError`.
 */
export async function unlessWritten<T>(written: Promise<T>, what: string): Promise<T> {
  try {
    return await written;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '23505') throw error;
    throw new InfrastructureError(`${what} was written elsewhere meanwhile`, { cause: error });
  }
}

/** Whether the connection that failed like this may serve others. */
export function spoilsConnection(error: unknown): boolean {
  if (!(error instanceof InfrastructureError)) return false;
  return !(error.cause instanceof pg.DatabaseError && error.cause.code?.startsWith(ROLLED_BACK));
}

function fromServer(error: pg.DatabaseError): Error {
  const code = error.code ?? '';
  withoutValues(error, code);
  if (!passing.some((prefix) => code.startsWith(prefix)) && !movedPartition(error) && !outdatedPlan(error)) return error;
  return new InfrastructureError(`Postgres: ${error.message} (SQLSTATE ${code})`, { cause: error });
}

/** A partition was attached while the row was on its way to another: unlike any check of ours this one has no name. */
const movedPartition = ({ code, constraint }: pg.DatabaseError): boolean => code === '23514' && !constraint;

/** A table was changed under a prepared statement: a new connection prepares it anew. */
const outdatedPlan = ({ code, message }: pg.DatabaseError): boolean => code === '0A000' && message.startsWith('cached plan');

/** `detail` and `where` quote rows; so do the messages of class 22, "invalid input syntax for type integer: ...". */
function withoutValues(error: pg.DatabaseError, code: string): void {
  error.detail = undefined;
  error.where = undefined;
  if (!code.startsWith('22')) return;
  error.message = `Postgres refused a value (SQLSTATE ${code})`;
  error.stack = `${error.name}: ${error.message}\n${(error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')).join('\n')}`;
}

function reasonOf(cause: unknown): string {
  if (!types.isNativeError(cause)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return cause.message || code || cause.name;
}
