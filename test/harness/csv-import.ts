import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import type { Front } from './front.js';
import { guard } from './guard.js';
import type { Installation } from './installation.js';
import { outputOf, type CommandResult } from './output-of.js';

/** How often each buyer stands in the file. */
export const ordersEach = 3;

/** The command line sends so many rows at once; a file must have more, so that there is a middle. */
const partRows = 10_000;

/** A file of orders that the command line imports, with a row here and there that must be refused. */
export class CsvImport {
  readonly file: string;
  readonly rows: number;
  /** The numbers of the rows that must be refused. */
  readonly bad: readonly number[];

  constructor(
    private readonly installation: Installation,
    private readonly front: Front,
    { folder, buyers }: { readonly folder: string; readonly buyers: number },
  ) {
    this.file = join(folder, 'orders.csv');
    this.rows = buyers * ordersEach;
    if (this.rows <= partRows) throw new Error(`more than ${partRows} rows are needed`);
    const numbers = Array.from({ length: this.rows }, (_, index) => index + 1);
    this.bad = numbers.filter((row) => row % 997 === 0);
    const lines = numbers.map((row) => `buyer-${row % buyers},Order Imported,${row % 997 === 0 ? 'many' : 10}`);
    writeFileSync(this.file, ['user_id,event,total:number', ...lines, ''].join('\n'));
  }

  /** How many good rows each buyer has. */
  ordersOf(): ReadonlyMap<string, number> {
    const orders = new Map<string, number>();
    const buyers = this.rows / ordersEach;
    for (let row = 1; row <= this.rows; row += 1) {
      const buyer = `buyer-${row % buyers}`;
      orders.set(buyer, (orders.get(buyer) ?? 0) + (row % 997 === 0 ? 0 : 1));
    }
    return orders;
  }

  /**
   * Imports it while ingest dies in the middle of the first part, and the command line itself between the first and the
   * second; answers with what the second attempt printed.
   */
  async runThroughKills(): Promise<CommandResult> {
    const released = Promise.withResolvers<void>();
    this.front.gate = (url) => (url.pathname === '/api/v1/imports' && url.searchParams.get('row') !== '1' ? released.promise : Promise.resolve());
    const first = await this.spawn();
    const answering = await this.front.untilAnswering('/api/v1/imports');
    await answering?.kill();
    await eventually(() => this.markedRow(), 120_000, 10);
    await first.kill();
    released.resolve();
    return this.run();
  }

  /** The rows that the report names, in its order. */
  reported(): readonly number[] {
    const [, ...lines] = readFileSync(`${this.file}.errors.csv`, 'utf8').trimEnd().split('\n');
    return lines.map((line) => Number(line.split(',')[0]));
  }

  private markedRow(): number {
    const mark = `${this.file}.import.json`;
    if (!existsSync(mark)) throw new Error('no part is settled yet');
    return (JSON.parse(readFileSync(mark, 'utf8')) as { row: number }).row;
  }

  private run(): Promise<CommandResult> {
    return outputOf(process.execPath, this.command(), this.environment());
  }

  private async spawn() {
    const { spawnGuarded } = await guard();
    return spawnGuarded({
      name: 'the command line',
      command: process.execPath,
      args: this.command(),
      cwd: process.cwd(),
      env: this.environment(),
      logFile: `${this.file}.log`,
      orphanGraceMs: 0,
    });
  }

  private command(): string[] {
    return ['dist/apps/cli/main.js', 'import', 'events', this.file, '--json'];
  }

  private environment(): Record<string, string | undefined> {
    return { PATH: process.env['PATH'], TIDINGS_URL: this.front.url, TIDINGS_KEY: this.installation.secretKey };
  }
}
