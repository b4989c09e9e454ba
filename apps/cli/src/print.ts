/** Prints rows as aligned columns under their names, or as JSON where a machine reads. */
export function printRows(rows: readonly object[], columns: readonly string[], json = false): void {
  if (json) return printJson(rows);
  if (rows.length === 0) return print('nothing found');
  const table = [columns, ...rows.map((row) => columns.map((column) => cell(Reflect.get(row, column))))];
  const widths = columns.map((_name, index) => Math.min(60, Math.max(...table.map((line) => (line[index] ?? '').length))));
  for (const line of table) print(line.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  ').trimEnd());
}

/** Prints one value as JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Prints a line on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
