import { createReadStream } from 'node:fs';
import { csvDialect } from '@tidings/mapping';
import { parse } from 'csv-parse';

/** A stretch of a CSV file that can be sent by itself: whole rows under the file's header. */
export interface FilePart {
  readonly text: string;
  /** The number of its first row, counted from 1, the header not counted. */
  readonly firstRow: number;
  readonly rows: number;
  /** How much of the file was read when it was complete, in bytes. */
  readonly bytesRead: number;
}

const mostRows = 10_000;
const mostLength = 4_000_000;

/** The rows of a file after the first `skip` ones, in parts of a few megabytes at most, whatever the size of the file. */
export async function* fileParts(path: string, delimiter: string, skip: number): AsyncGenerator<FilePart> {
  const file = createReadStream(path);
  const rows = file.pipe(parse({ ...csvDialect, delimiter, raw: true }));
  file.on('error', (error) => rows.destroy(error));
  let header: string | null = null;
  let row = 0;
  let held: string[] = [];
  let length = 0;
  const part = (): FilePart => ({ text: `${header}\n${held.join('\n')}\n`, firstRow: row - held.length + 1, rows: held.length, bytesRead: file.bytesRead });
  for await (const each of rows as AsyncIterable<{ readonly raw: string }>) {
    // The line's end may be of either kind, and of blank lines too.
    const text = each.raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
    if (header === null) {
      header = text;
      continue;
    }
    row++;
    if (row <= skip) continue;
    held.push(text);
    length += text.length;
    if (held.length < mostRows && length < mostLength) continue;
    yield part();
    [held, length] = [[], 0];
  }
  if (held.length > 0) yield part();
}
