import type { ApiClient } from '../api-client.js';
import { printJson } from '../print.js';

/** Shows one profile as it now is. */
export async function showProfile(api: ApiClient, id: string): Promise<void> {
  printJson(await api.get(`/api/v1/profiles/${encodeURIComponent(id)}`));
}
