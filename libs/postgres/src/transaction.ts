import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { InfrastructureError } from '@tidings/bus';
import { fromPostgres, spoilsConnection, unreachable } from './postgres-error.js';

/** An open transaction, as stores see it. */
export interface Tx {
  /**
   * The rows of one statement. Statements of one transaction run one after the other. `int8` comes back as a number, `date`
   * as `YYYY-MM-DD`. After a statement failed the transaction can only be rolled back, also if the error is caught.
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** One transaction on one connection of the pool, from its first statement to the return of the connection. */
export class Transaction implements Tx {
  private last: Promise<unknown> = Promise.resolve();
  private failure: { readonly error: unknown } | null = null;
  private ended = false;

  private constructor(
    private readonly runner: QueryRunner,
    private readonly client: unknown,
  ) {}

  static async begin(dataSource: DataSource): Promise<Transaction> {
    const runner = dataSource.createQueryRunner();
    const client: unknown = await runner.connect().catch((error: unknown) => {
      throw unreachable(error);
    });
    const transaction = new Transaction(runner, client);
    try {
      await transaction.attempt(() => runner.startTransaction());
      return transaction;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    // A statement that nobody awaited must not run in the transaction that has the connection next.
    if (this.ended) throw new Error('A statement came after the end of its transaction; was a query not awaited?');
    const turn = this.last.then(() => this.attempt(() => this.runner.query(sql, [...parameters], true)));
    this.last = turn.catch(() => undefined);
    return (await turn).records as Row[];
  }

  /** Rejects when any statement failed: Postgres itself would answer COMMIT with a silent rollback. */
  async commit(): Promise<void> {
    this.ended = true;
    await this.last;
    if (this.failure) throw this.failure.error;
    await this.attempt(() => this.runner.commitTransaction());
    await this.runner.release();
  }

  /** Gives the connection back as it was, or closes it when that is not certain. Never rejects. */
  async rollback(): Promise<void> {
    this.ended = true;
    await this.last;
    try {
      if (this.failure && spoilsConnection(this.failure.error)) this.close();
      else await this.runner.rollbackTransaction();
    } catch {
      this.close();
    }
    await this.runner.release();
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const lost = this.runner.isReleased;
      const failed = lost ? new InfrastructureError('The connection to Postgres was lost', { cause: error }) : fromPostgres(error);
      this.failure ??= { error: failed };
      throw failed;
    }
  }

  private close(): void {
    if (this.client instanceof pg.Client) void this.client.end().catch(() => undefined);
  }
}
