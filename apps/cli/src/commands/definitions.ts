import type { ApiClient } from '../api-client.js';
import type { Limited, Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';
import { CommandFailed } from '../usage-error.js';

/** Something that changes with a definition, and where it mentions it. */
export interface Dependent {
  readonly kind: string;
  readonly id: string;
  readonly place: string;
  readonly through: readonly string[];
}

interface Version {
  readonly kind: string;
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly publishedAt: string;
  readonly publishedBy: string;
  readonly takenAt: string | null;
}

const columns = ['kind', 'id', 'version', 'status', 'publishedAt', 'publishedBy', 'takenAt'];

const pathOf = (kind: string, id: string): string => `/api/v1/definitions/${encodeURIComponent(kind)}/${encodeURIComponent(id)}`;

/** Lists what is published; of snapshots with the moment of which their members are. */
export async function listDefinitions(api: Pick<ApiClient, 'list'>, { kind, limit, json }: Limited & { readonly kind?: string }): Promise<void> {
  printRows(await api.list<Version>('/api/v1/definitions', { kind }, limit), columns, json);
}

/** Shows the newest version of a definition with all that it says. */
export async function showDefinition(api: Pick<ApiClient, 'get'>, kind: string, id: string): Promise<void> {
  printJson(await api.get(pathOf(kind, id)));
}

/** Lists the versions of a definition, the newest first; as JSON with what each says. */
export async function listVersions(api: Pick<ApiClient, 'get'>, kind: string, id: string, { json }: Output): Promise<void> {
  const { items } = await api.get<{ items: readonly Version[] }>(`${pathOf(kind, id)}/versions`);
  printRows(items, columns, json);
}

/** Lists what depends on a definition. */
export async function listDependents(api: Pick<ApiClient, 'get'>, kind: string, id: string, { json }: Output): Promise<void> {
  const items = await dependentsOf(api, kind, id);
  if (json) return printJson(items);
  if (items.length === 0) return print(`nothing depends on ${kind} ${id}`);
  for (const dependent of items) print(toldOf(dependent));
}

/** Archives a definition; one that others depend on only if that is wanted regardless. */
export async function archiveDefinition(api: Pick<ApiClient, 'get' | 'send'>, kind: string, id: string, options: Output & { readonly anyway?: boolean }): Promise<void> {
  const dependents = await dependentsOf(api, kind, id);
  if (dependents.length > 0 && options.anyway !== true)
    throw new CommandFailed([`${kind} ${id} is asked for by`, ...dependents.map((each) => `  ${toldOf(each)}`), 'change these first, or archive it with --anyway'].join('\n'));
  await api.send('DELETE', pathOf(kind, id));
  if (options.json) printJson({ kind, id, archived: true, dependents });
  else print(`archived ${kind} ${id}`);
}

/** A dependent as one line. */
export const toldOf = ({ kind, id, place, through }: Dependent): string => `${kind} ${id} (${place}${through.length > 0 ? `, by ${through.join(', ')}` : ''})`;

async function dependentsOf(api: Pick<ApiClient, 'get'>, kind: string, id: string): Promise<readonly Dependent[]> {
  const { items } = await api.get<{ items: readonly Dependent[] }>(`${pathOf(kind, id)}/dependents`);
  return items;
}
