import { text } from 'node:stream/consumers';
import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson } from '../print.js';
import { namedFile } from '../text-file.js';
import { UsageError } from '../usage-error.js';
import { soundYaml } from '../yaml-file.js';

/** Which records a preview is of. */
export interface PreviewOptions extends Output {
  /** So many of the last records of its topic, */
  readonly last: number;
  /** or those of this file instead. */
  readonly records?: string;
}

interface Previewed {
  readonly place: string;
  readonly outcome: string;
  readonly record: string | null;
  readonly events: readonly Record<string, unknown>[];
  readonly error: { readonly field: string; readonly message: string; readonly detail: string } | null;
}

/** Shows what a source's file would make of records: those of a file (a JSON list of values), or the last ones of its topic. */
export async function previewSource(api: ApiClient, file: string, options: PreviewOptions): Promise<void> {
  const { items } = await api.send<{ items: Previewed[] }>('POST', '/api/v1/sources/preview', { source: soundYaml(file).document, ...recordsOf(options) });
  if (options.json) return printJson(items);
  for (const item of items) tell(item);
}

function recordsOf({ last, records }: PreviewOptions): object {
  if (records === undefined) return { last };
  const values = jsonOf(records);
  if (!Array.isArray(values)) throw new UsageError(`${records} must hold a JSON list of records`);
  return { records: values.map((value: unknown) => ({ value })) };
}

function jsonOf(file: string): unknown {
  const content = namedFile(file);
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new UsageError(`${file} must hold a JSON list of records: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tell({ place, outcome, record, events, error }: Previewed): void {
  print(`${place}  ${outcome}  ${record?.slice(0, 200) ?? 'null'}`);
  if (error !== null) {
    const detail = error.detail === error.message ? '' : `: ${error.detail}`;
    print(`    ${[error.field, error.message].filter(Boolean).join(' ')}${detail}`);
  }
  for (const { type, name, profileId, properties, traits } of events) print(`    ${JSON.stringify({ type, name, profileId, properties, traits })}`);
}

/** Shows how a published source does: state, lag, counts, the newest error. */
export async function showSource(api: ApiClient, id: string): Promise<void> {
  printJson(await api.get(`/api/v1/sources/${encodeURIComponent(id)}/status`));
}

/** Seals a webhook's secret, read from standard input, for its file. */
export async function sealSecret(api: ApiClient, id: string, { json }: Output): Promise<void> {
  const secret = (await text(process.stdin)).trim();
  const answer = await api.send<{ sealed: string }>('POST', `/api/v1/sources/${encodeURIComponent(id)}/seal`, { secret });
  if (json) return printJson(answer);
  print(answer.sealed);
}
