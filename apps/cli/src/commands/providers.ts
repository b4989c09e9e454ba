import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';
import { soundYaml } from '../yaml-file.js';

/** Lists the accounts at providers, without their credentials. */
export async function listProviders(api: ApiClient, { json }: Output): Promise<void> {
  printRows(await api.list<object>('/api/v1/providers', {}, 1000), ['id', 'channel', 'kind', 'priority', 'settings', 'hasCredentials'], json);
}

/** Sets up a provider from a YAML or JSON file: channel, kind, settings, credentials. */
export async function setProvider(api: ApiClient, id: string, file: string, { json }: Output): Promise<void> {
  await api.send('PUT', `/api/v1/providers/${encodeURIComponent(id)}`, soundYaml(file).document);
  if (json) printJson({ id, set: true });
  else print(`set ${id}`);
}

/** Takes a provider out of use; the channel goes to the sandbox when none is left. */
export async function deleteProvider(api: ApiClient, id: string, { json }: Output): Promise<void> {
  await api.send('DELETE', `/api/v1/providers/${encodeURIComponent(id)}`);
  if (json) printJson({ id, deleted: true });
  else print(`deleted ${id}`);
}
