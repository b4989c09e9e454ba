import { text } from 'node:stream/consumers';
import type { ApiClient } from '../api-client.js';
import { print, printJson, printRows } from '../print.js';
import { CommandFailed, UsageError } from '../usage-error.js';

/** The address that is meant: itself, or the id under which it is listed. */
export interface Meant {
  readonly address?: string | undefined;
  readonly id?: string | undefined;
  readonly json: boolean;
}

interface Suppressed {
  readonly id: string;
  readonly reason: string;
  readonly at: string;
  readonly actor: string;
  readonly note: string | null;
}

type Asking = Pick<ApiClient, 'get' | 'send'>;

const pathOf = (channel: string): string => `/api/v1/suppressions/${channel}`;

/** Lists the suppressed addresses of a channel, by their keyed hashes: addresses themselves are not kept. */
export async function listSuppressions(api: Pick<ApiClient, 'list'>, channel: string, limit: string, json: boolean): Promise<void> {
  const suppressed = await api.list<Suppressed>(pathOf(channel), {}, Number(limit));
  printRows(suppressed, ['id', 'reason', 'at', 'actor', 'note'], json);
}

/** Suppresses an address; one that was already keeps its reason. */
export async function addSuppression(
  api: Asking,
  channel: string,
  { address, reason, note, json }: Meant & { readonly reason?: string; readonly note?: string },
): Promise<void> {
  const body = { address: address ?? (await typed()), ...(reason !== undefined && { reason }), ...(note !== undefined && { note }) };
  const suppressed = await api.send<Suppressed>('POST', pathOf(channel), body);
  if (json) printJson(suppressed);
  else print(line(suppressed));
}

/** Shows whether and why an address is suppressed, and who suppressed and lifted it before. */
export async function showSuppression(api: Asking, channel: string, meant: Meant): Promise<void> {
  const id = meant.id ?? (await foundOf(api, channel, meant)).id;
  const { items } = await hinted(channel, api.get<{ items: readonly object[] }>(`${pathOf(channel)}/${encodeURIComponent(id)}/history`));
  if (meant.json) return printJson({ id, history: items });
  print(id);
  printRows(items, ['at', 'action', 'reason', 'actor', 'note'], false);
}

/** Lets an address be sent to again. */
export async function liftSuppression(api: Asking, channel: string, meant: Meant & { readonly note?: string }): Promise<void> {
  const id = meant.id ?? (await foundOf(api, channel, meant)).id;
  const body = meant.note === undefined ? undefined : { note: meant.note };
  await hinted(channel, api.send('DELETE', `${pathOf(channel)}/${encodeURIComponent(id)}`, body));
  if (meant.json) printJson({ id, lifted: true });
  else print(`lifted ${id}: it is sent to again`);
}

const foundOf = async (api: Asking, channel: string, { address }: Meant): Promise<Suppressed> =>
  hinted(channel, api.send<Suppressed>('POST', `${pathOf(channel)}/lookup`, { address: address ?? (await typed()) }));

/** From standard input, where an address does not stay in the history of a shell. */
async function typed(): Promise<string> {
  const address = process.stdin.isTTY ? '' : (await text(process.stdin)).trim();
  if (address === '') throw new UsageError('say which address: as an argument or on standard input; where it is listed already, `--id` takes the place of it');
  return address;
}

async function hinted<T>(channel: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CommandFailed && error.status === 404) throw new CommandFailed(`${error.message}; tidings suppressions list ${channel} shows which are`, 404);
    throw error;
  }
}

const line = ({ id, reason, at, actor, note }: Suppressed): string =>
  `suppressed as ${id}: ${reason} at ${at} by ${actor}${note === null ? '' : ` (${note})`}`;
