import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { csvDialect } from '@tidings/mapping';
import { CsvError, parse } from 'csv-parse';

/** The body cannot be read on: it is no CSV from here, or no gzip. The message is for whoever sent it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Rows of a body as it comes in, its header first; nothing is read ahead of who asks. Throws `Unreadable`. */
export async function* csvRows(body: Readable, delimiter: string, gzip: boolean): AsyncGenerator<string[]> {
  const parser = parse({ ...csvDialect, delimiter });
  let fault: unknown;
  const unzip = createGunzip().on('error', (error) => (fault = error));
  // The pipeline destroys the parser when anything fails on the way, and whoever reads then hears of that only.
  const ended = () => undefined;
  if (gzip) pipeline(body, unzip, parser, ended);
  else pipeline(body, parser, ended);
  try {
    for await (const row of parser) yield row as string[];
  } catch (error) {
    throw asUnreadable(fault ?? error);
  }
}

function asUnreadable(error: unknown): unknown {
  if (error instanceof CsvError) return new Unreadable(sentenceOf(error), { cause: error });
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') ? new Unreadable('the body is not valid gzip', { cause: error }) : error;
}

function sentenceOf({ code, lines }: CsvError & { readonly lines?: number }): string {
  const where = lines === undefined ? '' : ` near line ${lines}`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return `a quote is not closed${where}`;
  if (code === 'CSV_MAX_RECORD_SIZE')
    return `a row is longer than ${csvDialect.max_record_size} characters${where}; perhaps a quote is not closed`;
  return `the body is not valid CSV${where} (${code})`;
}
