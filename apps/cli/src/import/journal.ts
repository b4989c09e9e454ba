import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync, appendFileSync } from 'node:fs';

/** A row that was refused, as the installation says it. */
export interface RefusedRow {
  readonly row: number;
  readonly field: string;
  readonly message: string;
}

/** How far an import came. */
export interface Settled {
  readonly row: number;
  readonly accepted: number;
  readonly refused: number;
}

/**
 * What an import leaves beside its file: how far it came, so that it can go on there, and the rows that were refused.
 * Rows behind the mark are settled; rows after it may be too, and are known again by their numbers.
 */
export class Journal {
  readonly errors: string;
  private readonly mark: string;
  private at: Settled = { row: 0, accepted: 0, refused: 0 };

  constructor(
    file: string,
    private readonly id: string,
    errors?: string,
  ) {
    this.mark = `${file}.import.json`;
    this.errors = errors ?? `${file}.errors.csv`;
    this.read();
  }

  get settled(): Settled {
    return this.at;
  }

  /** Notes that rows are settled, the refused ones first: a mark never stands behind its errors. */
  settle(change: Settled, refused: readonly RefusedRow[]): void {
    if (refused.length > 0) {
      if (this.at.refused === 0) writeFileSync(this.errors, 'row,field,message\n');
      appendFileSync(this.errors, refused.map(({ row, field, message }) => `${row},${quoted(field)},${quoted(message)}\n`).join(''));
    }
    this.at = { row: change.row, accepted: this.at.accepted + change.accepted, refused: this.at.refused + change.refused };
    const errorBytes = this.at.refused === 0 ? 0 : statSync(this.errors).size;
    // In one step: whoever is killed half way leaves the mark of before.
    writeFileSync(`${this.mark}.new`, JSON.stringify({ id: this.id, ...this.at, errorBytes }));
    renameSync(`${this.mark}.new`, this.mark);
  }

  /** The import is done: only the errors stay. */
  close(): void {
    rmSync(this.mark, { force: true });
  }

  private read(): void {
    if (!existsSync(this.mark)) return;
    const { id, row, accepted, refused, errorBytes } = JSON.parse(readFileSync(this.mark, 'utf8')) as Settled & { id: string; errorBytes: number };
    // Another file, or another map, under the same name: it begins anew.
    if (id !== this.id) return;
    this.at = { row, accepted, refused };
    if (refused > 0 && existsSync(this.errors)) truncateSync(this.errors, errorBytes);
  }
}

/** Quoted always, and never a formula where a spreadsheet opens it. */
const quoted = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
