/** A row that was refused: its number in the file, the column at fault (empty: the row itself), and why. */
export interface RefusedLine {
  readonly kind: 'refused';
  readonly row: number;
  readonly field: string;
  readonly message: string;
}

/** What the answer to an import consists of, in the order of the rows. `row` is the last one that is settled for good. */
export type ImportLine =
  | RefusedLine
  | { readonly kind: 'progress'; readonly row: number; readonly accepted: number; readonly refused: number }
  | { readonly kind: 'done'; readonly row: number; readonly accepted: number; readonly refused: number }
  | { readonly kind: 'stopped'; readonly row: number; readonly accepted: number; readonly refused: number; readonly reason: string };

/** The lines as newline-delimited JSON. */
export async function* asJsonLines(lines: AsyncIterable<ImportLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

/** The report of the refused rows as a CSV file; an import that stopped says so in its last row. */
export async function* asErrorReport(lines: AsyncIterable<ImportLine>): AsyncGenerator<string> {
  yield 'row,field,message\n';
  for await (const line of lines) {
    if (line.kind === 'refused') yield `${line.row},${quoted(line.field)},${quoted(line.message)}\n`;
    if (line.kind === 'stopped') yield `${line.row + 1},,${quoted(`stopped before this row: ${line.reason}`)}\n`;
  }
}

/** Quoted always, and never a formula where a spreadsheet opens it. */
const quoted = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
