import type { ApiClient } from '../api-client.js';
import { print, printRows } from '../print.js';
import { UsageError } from '../usage-error.js';
import { textOf } from '../text-file.js';
import { parse } from 'yaml';

/** Lists the accounts at providers, without their credentials. */
export async function listProviders(api: ApiClient, json: boolean): Promise<void> {
  printRows(await api.list<object>('/api/v1/providers', {}, 1000), ['id', 'channel', 'kind', 'priority', 'settings', 'hasCredentials'], json);
}

/** Sets up a provider from a YAML or JSON file: channel, kind, settings, credentials. */
export async function setProvider(api: ApiClient, id: string, file: string): Promise<void> {
  const text = textOf(file);
  if (text === null) throw new UsageError(`there is no file ${file}`);
  await api.send('PUT', `/api/v1/providers/${encodeURIComponent(id)}`, parse(text));
  print(`set ${id}`);
}

/** Takes a provider out of use; the channel goes to the sandbox when none is left. */
export async function deleteProvider(api: ApiClient, id: string): Promise<void> {
  await api.send('DELETE', `/api/v1/providers/${encodeURIComponent(id)}`);
  print(`deleted ${id}`);
}
