import { text } from 'node:stream/consumers';
import type { ApiClient } from '../api-client.js';
import type { Limited, Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';
import { CommandFailed, UsageError } from '../usage-error.js';

/** What may stand in the place of an address: the id under which it is listed. */
export interface Meant extends Output {
  readonly id?: string;
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
export async function listSuppressions(api: Pick<ApiClient, 'list'>, channel: string, { limit, json }: Limited): Promise<void> {
  const suppressed = await api.list<Suppressed>(pathOf(channel), {}, limit);
  printRows(suppressed, ['id', 'reason', 'at', 'actor', 'note'], json);
}

/** Suppresses an address; one that was already keeps its reason. */
export async function addSuppression(
  api: Asking,
  channel: string,
  address: string | undefined,
  { reason, note, json }: Output & { readonly reason?: string; readonly note?: string },
): Promise<void> {
  const body = { address: address ?? (await typed()), ...(reason !== undefined && { reason }), ...(note !== undefined && { note }) };
  const suppressed = await api.send<Suppressed>('POST', pathOf(channel), body);
  if (json) printJson(suppressed);
  else print(line(suppressed));
}

/** Shows whether and why an address is suppressed, and who suppressed and lifted it before. */
export async function showSuppression(api: Asking, channel: string, address: string | undefined, meant: Meant): Promise<void> {
  const id = await idOf(api, channel, address, meant);
  const { items } = await hinted(channel, api.get<{ items: readonly object[] }>(`${pathOf(channel)}/${encodeURIComponent(id)}/history`));
  if (meant.json) return printJson({ id, history: items });
  print(id);
  printRows(items, ['at', 'action', 'reason', 'actor', 'note'], false);
}

/** Lets an address be sent to again. */
export async function liftSuppression(api: Asking, channel: string, address: string | undefined, meant: Meant & { readonly note?: string }): Promise<void> {
  const id = await idOf(api, channel, address, meant);
  const body = meant.note === undefined ? undefined : { note: meant.note };
  await hinted(channel, api.send('DELETE', `${pathOf(channel)}/${encodeURIComponent(id)}`, body));
  if (meant.json) printJson({ id, lifted: true });
  else print(`lifted ${id}: it is sent to again`);
}

async function idOf(api: Asking, channel: string, address: string | undefined, { id }: Meant): Promise<string> {
  if (address !== undefined && id !== undefined) throw new UsageError('say an address or --id, not both');
  if (id !== undefined) return id;
  const found = await hinted(channel, api.send<Suppressed>('POST', `${pathOf(channel)}/lookup`, { address: address ?? (await typed()) }));
  return found.id;
}

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
