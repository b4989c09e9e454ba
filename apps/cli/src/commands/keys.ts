import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';

/** Lists keys; a key itself is never shown again. */
export async function listKeys(api: ApiClient, { json }: Output): Promise<void> {
  printRows(await api.list<object>('/api/v1/keys', {}, 10_000), ['id', 'type', 'name', 'scopes', 'createdAt', 'revokedAt'], json);
}

/** Makes a key and prints it, this once. */
export async function createKey(api: ApiClient, type: string, name: string, { scope: scopes, json }: Output & { readonly scope?: readonly string[] }): Promise<void> {
  const made = await api.send<{ key: string }>('POST', '/api/v1/keys', { type, name, ...(scopes ? { scopes } : {}) });
  if (json) return printJson(made);
  print(made.key);
}

/** Revokes a key; calls with it are refused within a second. */
export async function revokeKey(api: ApiClient, id: string, { json }: Output): Promise<void> {
  await api.send('DELETE', `/api/v1/keys/${encodeURIComponent(id)}`);
  if (json) printJson({ id, revoked: true });
  else print(`revoked ${id}`);
}
