import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { fromPostgres, fromStatement, spoilsConnection, unreachable } from './postgres-error.js';
import { statementName } from './statement-name.js';

/** An open transaction, as stores see it. */
export interface Tx {
  /**
   * The rows of one statement. Statements of one transaction run one after the other. `int8` comes back as a number, `date`
   * as `YYYY-MM-DD`. After a statement failed the transaction can only be rolled back, also if the error is caught.
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * One transaction on one connection of the pool, from its first statement to the return of the connection. TypeORM keeps the
 * pool; statements go to the driver itself, prepared once per connection, which halves what a small one costs.
 */
export class Transaction implements Tx {
  private readonly sent = new Set<Promise<unknown>>();
  private failure: { readonly error: unknown } | null = null;
  private ended = false;
  private allowed: Promise<void> = Promise.resolve();

  private constructor(
    private readonly runner: QueryRunner,
    private readonly client: pg.Client,
  ) {
    // Not awaited: it travels with the first statement.
    this.send(() => this.client.query('begin'), fromStatement).catch(() => undefined);
  }

  static async begin(dataSource: DataSource): Promise<Transaction> {
    const runner = dataSource.createQueryRunner();
    try {
      return new Transaction(runner, (await runner.connect()) as pg.Client);
    } catch (error) {
      throw unreachable(error);
    }
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    // A statement that nobody awaited must not run in the transaction that has the connection next.
    if (this.ended) throw new Error('A statement came after the end of its transaction; was a query not awaited?');
    const { allowed } = this;
    const statement = { name: statementName(sql), text: sql, values: [...parameters] };
    const { rows } = await this.send(() => this.client.query(statement), fromStatement);
    await allowed;
    return rows as Row[];
  }

  /** Later statements are sent at once, but what they found is only told when `allowed` resolves; and so is the end. */
  holdBack(allowed: Promise<void>): void {
    this.allowed = allowed;
    allowed.catch(() => undefined);
  }

  /** Rejects when any statement failed: Postgres itself would answer COMMIT with a silent rollback. */
  async commit(): Promise<void> {
    this.ended = true;
    await Promise.allSettled(this.sent);
    if (this.failure) throw this.failure.error;
    await this.allowed;
    await this.send(() => this.client.query('commit'), fromStatement);
    await this.send(() => this.runner.release(), fromPostgres);
  }

  /** Gives the connection back as it was, or closes it when that is not certain. Never rejects. */
  async rollback(): Promise<void> {
    this.ended = true;
    await Promise.allSettled(this.sent);
    try {
      if (this.failure && spoilsConnection(this.failure.error)) this.close();
      else await this.client.query('rollback');
    } catch {
      this.close();
    }
    await this.runner.release();
  }

  private async send<T>(work: () => Promise<T>, why: (error: unknown) => unknown): Promise<T> {
    const turn = work();
    this.sent.add(turn);
    try {
      return await turn;
    } catch (error) {
      const failed = why(error);
      this.failure ??= { error: failed };
      throw failed;
    } finally {
      this.sent.delete(turn);
    }
  }

  private close(): void {
    void this.client.end().catch(() => undefined);
  }
}
