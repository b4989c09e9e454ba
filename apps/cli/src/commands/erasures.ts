import type { ApiClient } from '../api-client.js';
import type { Limited, Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';

interface Erasure {
  readonly id: string;
  readonly state: string;
  readonly requestedAt: string;
  readonly doneAt: string | null;
  readonly stores: readonly { readonly store: string; readonly at: string | null; readonly rows: number }[];
}

/** Asks for a person to be erased, and says how that can be followed. */
export async function eraseProfile(api: Pick<ApiClient, 'send'>, profileId: string, { json }: Output): Promise<void> {
  const { id } = await api.send<{ id: string }>('POST', '/api/v1/erasures', { profileId });
  if (json) printJson({ id });
  else print(`erasure ${id} is under way: tidings erasures show ${id}`);
}

/** Lists erasures, the newest first. */
export async function listErasures(api: Pick<ApiClient, 'list'>, { state, limit, json }: Limited & { readonly state?: string }): Promise<void> {
  const erasures = await api.list<Erasure>('/api/v1/erasures', { state }, limit);
  printRows(
    erasures.map(({ id, state: is, requestedAt, doneAt }) => ({ id, state: is, requestedAt, doneAt: doneAt ?? '-' })),
    ['id', 'state', 'requestedAt', 'doneAt'],
    json,
  );
}

/** Shows how far an erasure has come, store by store. */
export async function showErasure(api: Pick<ApiClient, 'get'>, id: string, { json }: Output): Promise<void> {
  const erasure = await api.get<Erasure>(`/api/v1/erasures/${encodeURIComponent(id)}`);
  if (json) return printJson(erasure);
  print(`${erasure.id}  ${erasure.state}, asked for at ${erasure.requestedAt}`);
  printRows(
    erasure.stores.map(({ store, at, rows }) => ({ store, at: at ?? 'not yet', rows: String(rows) })),
    ['store', 'at', 'rows'],
    false,
  );
}
