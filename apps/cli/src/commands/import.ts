import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { checkCsvMap, importKinds, type CsvMap, type ImportKind } from '@tidings/mapping';
import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { fileParts, UnreadableCsv, type FilePart } from '../import/file-parts.js';
import { Journal } from '../import/journal.js';
import { sendPart, type SendOptions, type SentPart } from '../import/send-part.js';
import { print, printJson } from '../print.js';
import { progressOn } from '../progress.js';
import { requireFile } from '../text-file.js';
import { CommandFailed, UsageError } from '../usage-error.js';
import { soundYaml, wrongIn } from '../yaml-file.js';

/** What a person typed after the file. */
export interface ImportOptions extends Output {
  readonly map?: string;
  /** Of a list: which. */
  readonly list?: string;
  readonly id?: string;
  readonly delimiter?: string;
  readonly errors?: string;
  /** How long trouble that may pass is waited out; five minutes. */
  readonly patienceMs?: number;
}

/** Parts on their way at once: while the installation works on one, the next is read and sent. */
const inFlight = 3;

/** Imports a CSV file of profiles, of events, or of those who are to be on a list; begun again, it goes on where it was. Fails when rows were refused, naming the file that says which. */
export async function importFile(api: Pick<ApiClient, 'upload'>, kindText: string, file: string, options: ImportOptions): Promise<void> {
  const kind = kindOf(kindText);
  requireFile(file);
  const { json = false, delimiter = ',', patienceMs = 300_000 } = options;
  const list = listOf(kind, options.list);
  const map = readMap(options.map);
  const id = options.id ?? (await fingerprint(file, [kind, delimiter, JSON.stringify(map), ...Object.values(list)]));
  const journal = new Journal(file, id, options.errors);
  const already = journal.settled.row;
  if (already > 0 && !json) process.stderr.write(`going on after row ${already.toLocaleString('en')}\n`);
  const progress = progressOn(process.stderr, json, { things: 'rows', already });
  const size = statSync(file).size;
  const query = { kind, ...list, id, delimiter, map: JSON.stringify(map) };
  for await (const { settled, refused, bytesRead } of sent(api, named(fileParts(file, delimiter, already), { file, id }), { query, patienceMs })) {
    journal.settle(settled, refused);
    const { row, refused: all } = journal.settled;
    progress.show(row, bytesRead / size, all > 0 ? `${all.toLocaleString('en')} refused` : '');
  }
  progress.end();
  journal.close();
  tell(journal, id, json);
}

/** Sends parts, some at a time, and yields them in their order; where the file cannot be read on, those on their way are settled first. */
async function* sent(api: Pick<ApiClient, 'upload'>, parts: AsyncIterable<FilePart>, options: SendOptions): AsyncGenerator<SentPart> {
  const waiting: Promise<SentPart>[] = [];
  try {
    for await (const part of parts) {
      const sending = sendPart(api, part, options);
      // Heard when its turn comes; until then a rejection must not end the process.
      sending.catch(() => undefined);
      waiting.push(sending);
      if (waiting.length >= inFlight) yield await (waiting.shift() as Promise<SentPart>);
    }
  } catch (error) {
    if (error instanceof UnreadableCsv) for (const each of waiting) yield await each;
    throw error;
  }
  for (const each of waiting) yield await each;
}

/** The same parts; where the file cannot be read on, it is said how the rest is imported: mended, it is another file, but the same import. */
async function* named(parts: AsyncIterable<FilePart>, { file, id }: { readonly file: string; readonly id: string }): AsyncGenerator<FilePart> {
  try {
    yield* parts;
  } catch (error) {
    throw error instanceof UnreadableCsv ? new UnreadableCsv(`${file}: ${error.message}\nwhat is before it is imported; mend it and go on with --id ${id}`) : error;
  }
}

function tell({ settled, errors }: Journal, id: string, json: boolean): void {
  const { row: rows, accepted, refused } = settled;
  if (json) printJson({ id, rows, accepted, refused, errors: refused > 0 ? errors : null });
  else print(`${accepted.toLocaleString('en')} of ${rows.toLocaleString('en')} rows imported (${id})`);
  if (refused > 0) throw new CommandFailed(`${refused.toLocaleString('en')} rows were refused: see ${errors}`);
}

function kindOf(text: string): ImportKind {
  const kind = importKinds.find((each) => each === text);
  if (kind === undefined) throw new UsageError(`import ${importKinds.join(' or ')}, not ${text}`);
  return kind;
}

function listOf(kind: ImportKind, list: string | undefined): { readonly list?: string } {
  if ((kind === 'list') !== (list !== undefined)) throw new UsageError('import a list with --list <id>, and nothing else with it');
  return list === undefined ? {} : { list };
}

function readMap(path: string | undefined): CsvMap {
  if (path === undefined) return {};
  const file = soundYaml(path);
  const wrong = checkCsvMap(file.document);
  if (wrong.length > 0) throw wrongIn(path, file, wrong);
  return file.document as CsvMap;
}

/** The same file with the same map is the same import, so that doing it again changes nothing. */
async function fingerprint(file: string, also: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(also.join('\n'));
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `csv-${hash.digest('hex').slice(0, 24)}`;
}
