import type { ApiClient } from '../api-client.js';
import type { Limited } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';
import { CommandFailed } from '../usage-error.js';

interface Group {
  readonly id: string;
  readonly version: number;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

/** Lists the groups in the order of their ids. */
export async function listGroups(api: Pick<ApiClient, 'list'>, { limit, json }: Limited): Promise<void> {
  printRows(await api.list<Group>('/api/v1/groups', {}, limit), ['id', 'createdAt', 'version', 'traits'], json);
}

/** Shows one group, how many belong to it, and who and since when. */
export async function showGroup(api: Pick<ApiClient, 'get' | 'list'>, id: string, { limit, json }: Limited): Promise<void> {
  const path = `/api/v1/groups/${encodeURIComponent(id)}`;
  const group = await existing(api.get<Group & { members: number }>(path));
  const people = await api.list<{ profileId: string; since: string }>(`${path}/members`, {}, limit);
  if (json) return printJson({ ...group, people });
  print(`${group.id}, since ${group.createdAt}`);
  for (const [name, value] of Object.entries(group.traits)) print(`  ${name}: ${JSON.stringify(value)}`);
  print(`${group.members.toLocaleString('en')} belong to it${people.length < group.members ? `, of whom ${people.length} are shown (--limit)` : ''}`);
  if (people.length > 0) printRows(people, ['profileId', 'since'], false);
}

async function existing<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CommandFailed && error.status === 404) throw new CommandFailed(`${error.message} tidings groups list shows which there are.`, 404);
    throw error;
  }
}
