const QUOTE = '"';

/**
 * The cells of one row as `CsvScan` found it, with the end of its line. A cell whose closing quote is not followed by the delimiter
 * is what it looks like, quotes and all.
 */
export function csvCells(text: string, delimiter: string): string[] {
  const row = bare(text);
  if (!row.includes(QUOTE)) return row.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; at <= row.length; ) {
    const cell = row[at] === QUOTE ? quotedCell(row, at, delimiter) : plainCell(row, at, delimiter);
    cells.push(cell.text);
    at = cell.end + 1;
  }
  return cells;
}

interface Cell {
  readonly text: string;
  /** Where its delimiter lies, or the row ends. */
  readonly end: number;
}

/** Without the line ends around it, which may be those of blank lines before it, and without a byte order mark. */
function bare(text: string): string {
  let from = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let end = text.length;
  while (from < end && isLineEnd(text.charCodeAt(from))) from += 1;
  if (text.charCodeAt(end - 1) === 0x0a) end -= 1;
  if (end > from && text.charCodeAt(end - 1) === 0x0d) end -= 1;
  return text.slice(from, end);
}

const isLineEnd = (code: number): boolean => code === 0x0a || code === 0x0d;

function plainCell(row: string, from: number, delimiter: string): Cell {
  const found = row.indexOf(delimiter, from);
  const end = found < 0 ? row.length : found;
  return { text: row.slice(from, end), end };
}

function quotedCell(row: string, opened: number, delimiter: string): Cell {
  let text = '';
  for (let from = opened + 1; ; ) {
    const closed = row.indexOf(QUOTE, from);
    if (closed < 0) return { text: row.slice(opened), end: row.length };
    text += row.slice(from, closed);
    const next = row[closed + 1];
    if (next === undefined || next === delimiter) return { text, end: closed + 1 };
    if (next !== QUOTE) {
      const rest = plainCell(row, closed, delimiter);
      return { text: `${QUOTE}${text}${rest.text}`, end: rest.end };
    }
    text += QUOTE;
    from = closed + 2;
  }
}
