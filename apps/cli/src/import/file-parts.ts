import { open } from 'node:fs/promises';
import { asUtf8, CsvScan } from '@tidings/mapping';
import { CommandFailed } from '../usage-error.js';
import { Filling, type FilledPart } from './filling.js';

/** A stretch of a CSV file that can be sent by itself: whole rows under the file's header. */
export interface FilePart extends FilledPart {
  /** How much of the file was read when it was complete, in bytes. */
  readonly bytesRead: number;
}

/** A CSV file cannot be read to its end. */
export class UnreadableCsv extends CommandFailed {}

const CHUNK_BYTES = 65_536;

/** The rows of a file after the first `skip` ones, as they lie there, in parts of a few megabytes at most, whatever the size of the file. */
export async function* fileParts(path: string, delimiter: string, skip: number): AsyncGenerator<FilePart> {
  const scan = new CsvScan(delimiter);
  const filling = new Filling(skip);
  let bytesRead = 0;
  for await (const bytes of asUtf8(chunksOf(path, (read) => (bytesRead += read)))) {
    let from = 0;
    for (const end of scan.ends(bytes)) {
      filling.add(bytes, from, end);
      from = end;
      if (filling.endRow()) yield { ...filling.part(), bytesRead };
    }
    failOf(scan);
    filling.add(bytes, from, bytes.length);
  }
  if (bytesRead === 0) throw new CommandFailed(`${path} is empty: its first line names the columns`);
  if (scan.endsInRow()) filling.endRow();
  failOf(scan);
  if (filling.hasRows) yield { ...filling.part(), bytesRead };
}

/** The same bytes each time, filled anew: to be done with before the next are asked for. */
async function* chunksOf(path: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      onRead(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function failOf({ fault }: CsvScan): void {
  if (fault !== null) throw new UnreadableCsv(fault);
}
