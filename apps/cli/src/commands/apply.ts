import type { ApiClient } from '../api-client.js';
import { print, printJson } from '../print.js';
import { readChecked, type FolderOptions } from './check.js';
import { toldOf, type Dependent } from './definitions.js';

type Publishing = Pick<ApiClient, 'list' | 'send'>;

interface Change {
  readonly kind: string;
  readonly id: string;
  readonly change: 'created' | 'updated' | 'unchanged';
  readonly version: number;
  /** Of a snapshot: when the one was taken that stays; null where publishing takes one. */
  readonly takenAt?: string | null;
  /** What changes with it. */
  readonly dependents?: readonly Dependent[];
}

const signs = { created: '+', updated: '~', unchanged: ' ' } as const;

/** Publishes a folder. Publishing the same twice changes nothing. */
export const apply = (api: Publishing, folder: string, options: FolderOptions): Promise<void> => publish(api, folder, { ...options, dryRun: false });

/** Says what publishing a folder would change. */
export const diff = (api: Publishing, folder: string, options: FolderOptions): Promise<void> => publish(api, folder, { ...options, dryRun: true });

async function publish(api: Publishing, folder: string, options: FolderOptions & { readonly dryRun: boolean }): Promise<void> {
  const known = await knownIds(api);
  const set = await readChecked(folder, options, known);
  const { changes } = await api.send<{ changes: Change[] }>('POST', '/api/v1/definitions/apply', { ...set, dryRun: options.dryRun });
  if (options.json) return printJson({ changes, applied: !options.dryRun });
  for (const { kind, id, change, version, takenAt, dependents = [] } of changes) {
    if (change !== 'unchanged') print(`${signs[change]} ${kind} ${id} ${change}, version ${version}${snapshot(takenAt)}`);
    for (const dependent of dependents) print(`    and with it ${toldOf(dependent)}`);
  }
  const changed = changes.filter(({ change }) => change !== 'unchanged').length;
  print(`${changed} ${options.dryRun ? 'to change' : 'changed'}, ${changes.length - changed} unchanged`);
}

async function knownIds(api: Pick<ApiClient, 'list'>) {
  const published = await api.list<{ kind: string; id: string }>('/api/v1/definitions', {}, 10_000);
  const of = (kind: string) => new Set(published.filter((definition) => definition.kind === kind).map(({ id }) => id));
  return { segments: of('segment'), templates: of('template'), computedTraits: of('computed-trait') };
}

function snapshot(takenAt: string | null | undefined): string {
  if (takenAt === undefined) return '';
  return takenAt === null ? ', a new snapshot' : `, the snapshot of ${takenAt} stays`;
}
