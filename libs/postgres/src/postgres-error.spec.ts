import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { InfrastructureError } from '@tidings/bus';
import { fromPostgres, spoilsConnection, unlessWritten, unreachable } from './postgres-error.js';

const fromServer = (code: string, message = 'no') => Object.assign(new pg.DatabaseError(message, 2, 'error'), { code });
const failed = (cause: Error) => fromPostgres(new QueryFailedError('select $1', ['a secret'], cause));

describe('fromPostgres', () => {
  it.each<[string, Error]>([
    ['a connection failure', fromServer('08006')],
    ['a serialisation failure', fromServer('40001')],
    ['a deadlock', fromServer('40P01')],
    ['too many connections', fromServer('53300')],
    ['a full disk', fromServer('53100')],
    ['a shutdown', fromServer('57P01')],
    ['a statement that took too long', fromServer('57014')],
    ['a server that became read-only in a failover', fromServer('25006')],
    ['a transaction that was idle too long', fromServer('25P03')],
    ['a lock that was not free', fromServer('55P03')],
    ['a partition that was attached meanwhile', fromServer('23514')],
    ['a reset connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a server that fell silent', new Error('Query read timeout')],
  ])('takes %s for infrastructure, with its cause', (_case, cause) => {
    const error = failed(cause);
    expect(error).toBeInstanceOf(InfrastructureError);
    expect(error).toMatchObject({ cause });
  });

  it.each<[string, string, string | undefined]>([
    ['a unique violation', '23505', undefined],
    ['a row of another workspace', '42501', undefined],
    ['a column that does not exist', '42703', undefined],
    ['a number out of range', '22003', undefined],
    ['a statement in a failed transaction', '25P02', undefined],
    ['a check that does not hold', '23514', 'positive'],
  ])('leaves %s to whoever wrote the statement', (_case, code, constraint) => {
    const cause = Object.assign(fromServer(code), { constraint });
    expect(failed(cause)).toBe(cause);
  });

  it('leaves a parameter that the driver cannot write to whoever wrote it', () => {
    const cause = new TypeError('Converting circular structure to JSON');
    expect(failed(cause)).toBe(cause);
  });

  it('leaves what is not about Postgres as it is', () => {
    const error = new Error('a bug in a rule');
    expect(fromPostgres(error)).toBe(error);
  });

  it('lets no value of a row into the error', () => {
    const violation = Object.assign(fromServer('23505', 'duplicate key value violates unique constraint "one"'), { detail: 'Key (email)=(ada@example.com) already exists.' });
    const syntax = fromServer('22P02', 'invalid input syntax for type integer: "ada@example.com"');
    for (const error of [violation, syntax].map(failed)) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/ada@example|a secret/);
    }
    expect(violation.message).toContain('"one"');
  });
});

describe('spoilsConnection', () => {
  it.each<[string, unknown, boolean]>([
    ['a shutdown', failed(fromServer('57P01')), true],
    ['a read-only server', failed(fromServer('25006')), true],
    ['a connection that broke', unreachable(new Error('Connection terminated unexpectedly')), true],
    ['a deadlock', failed(fromServer('40P01')), false],
    ['a unique violation', failed(fromServer('23505')), false],
    ['an error of the work', new Error('no'), false],
  ])('of %s', (_case, error, expected) => {
    expect(spoilsConnection(error)).toBe(expected);
  });
});

describe('unlessWritten', () => {
  it('tells of a row that was written elsewhere as of trouble that passes, and of anything else as it is', async () => {
    const taken = fromServer('23505');
    await expect(unlessWritten(Promise.reject(taken), 'a row')).rejects.toMatchObject({ name: 'InfrastructureError', message: 'a row was written elsewhere meanwhile', cause: taken });
    for (const error of [fromServer('23514'), new Error('no')]) await expect(unlessWritten(Promise.reject(error), 'a row')).rejects.toBe(error);
    await expect(unlessWritten(Promise.resolve(7), 'a row')).resolves.toBe(7);
  });
});

describe('unreachable', () => {
  it('says why, also where the system gives only a code', () => {
    expect(unreachable(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })).message).toBe('Postgres cannot be reached: ECONNREFUSED');
  });
});
