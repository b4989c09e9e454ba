import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { asUtf8, csvCells, CsvScan } from '@tidings/mapping';

/** The body cannot be read on: it is no CSV from here, or no gzip. The message is for whoever sent it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Rows that came together; each is made when it is asked for, so that those before it can be forgotten. */
export type SomeRows = Iterable<readonly string[]>;

/** Rows of a body as it comes in, the header first and by itself; nothing is read ahead of who asks. Throws `Unreadable`. */
export async function* csvRows(body: Readable, delimiter: string, gzip: boolean): AsyncGenerator<SomeRows> {
  const scan = new CsvScan(delimiter);
  let open: Uint8Array[] = [];
  let isFirst = true;
  for await (const bytes of readable(gzip ? unzipped(body) : body)) {
    const ends = scan.ends(bytes);
    const last = ends.at(-1);
    // Joined only when a row is whole: whoever sends a long one byte by byte must not have it copied with each.
    open.push(bytes);
    if (last !== undefined) {
      yield* stretches(Buffer.concat(open), { ends, ahead: sizeOf(open) - bytes.length, isFirst, delimiter });
      isFirst = false;
      open = [bytes.subarray(last)];
    }
    if (scan.fault !== null) throw new Unreadable(scan.fault);
  }
  if (scan.endsInRow()) yield [csvCells(Buffer.concat(open).toString(), delimiter)];
  if (scan.fault !== null) throw new Unreadable(scan.fault);
}

interface Found {
  readonly ends: readonly number[];
  /** How far what was scanned lies behind the beginning of the bytes. */
  readonly ahead: number;
  readonly isFirst: boolean;
  readonly delimiter: string;
}

function* stretches(bytes: Buffer, { ends, ahead, isFirst, delimiter }: Found): Generator<SomeRows> {
  const all = [0, ...ends.map((end) => ahead + end)];
  if (isFirst) yield rowsBetween(bytes, all.slice(0, 2), delimiter);
  yield rowsBetween(bytes, isFirst ? all.slice(1) : all, delimiter);
}

function* rowsBetween(bytes: Buffer, bounds: readonly number[], delimiter: string): Generator<readonly string[]> {
  for (let index = 1; index < bounds.length; index += 1) yield csvCells(bytes.toString('utf8', bounds[index - 1], bounds[index]), delimiter);
}

const sizeOf = (all: readonly Uint8Array[]): number => all.reduce((size, { length }) => size + length, 0);

const unzipped = (body: Readable): Readable => pipeline(body, createGunzip(), () => undefined);

async function* readable(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* asUtf8(body);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    throw code.startsWith('Z_') ? new Unreadable('the body is not valid gzip', { cause: error }) : error;
  }
}
