import type { ApiClient } from '../api-client.js';
import { print, printJson } from '../print.js';
import { readChecked, type FolderOptions } from './check.js';
import { toldOf, type Dependent } from './definitions.js';
import { watched, type Waiting } from './segment-progress.js';

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

/** How a folder is published, and whether it is waited for that everybody was told. */
export interface ApplyOptions extends FolderOptions, Pick<Waiting, 'patienceMs' | 'everyMs'> {
  readonly wait?: boolean;
}

interface Applied {
  readonly changes: readonly Change[];
  /** Null when nothing was published. */
  readonly publishedAt: string | null;
}

const signs = { created: '+', updated: '~', unchanged: ' ' } as const;

/** Publishes a folder, and with `wait` waits until all profiles were told of its segments. Publishing the same twice changes nothing. */
export async function apply(api: Publishing & Pick<ApiClient, 'get'>, folder: string, { wait = false, ...options }: ApplyOptions): Promise<void> {
  const applied = await publish(api, folder, { ...options, dryRun: false });
  if (!wait) return;
  const { profiles } = await watched(api, { ...options, since: sinceOf(applied) });
  if (options.json !== true) print(`${(profiles?.done ?? 0).toLocaleString('en')} profiles were told`);
}

/** Says what publishing a folder would change. */
export async function diff(api: Publishing, folder: string, options: FolderOptions): Promise<void> {
  await publish(api, folder, { ...options, dryRun: true });
}

async function publish(api: Publishing, folder: string, options: FolderOptions & { readonly dryRun: boolean }): Promise<Applied> {
  const known = await knownIds(api);
  const set = await readChecked(folder, options, known);
  const applied = await api.send<Applied>('POST', '/api/v1/definitions/apply', { ...set, dryRun: options.dryRun });
  if (options.json === true) printJson({ changes: applied.changes, applied: !options.dryRun });
  else tell(applied, options.dryRun);
  return applied;
}

/** When segments were published that everybody has to be told of; null when these were not among it: then nothing newer is waited for. */
const sinceOf = ({ changes, publishedAt }: Applied): string | null =>
  changes.some(({ kind, change }) => (kind === 'segment' || kind === 'computed-trait') && change !== 'unchanged') ? publishedAt : null;

function tell({ changes }: Applied, dryRun: boolean): void {
  for (const { kind, id, change, version, takenAt, dependents = [] } of changes) {
    if (change !== 'unchanged') print(`${signs[change]} ${kind} ${id} ${change}, version ${version}${snapshot(takenAt)}`);
    for (const dependent of dependents) print(`    and with it ${toldOf(dependent)}`);
  }
  const changed = changes.filter(({ change }) => change !== 'unchanged').length;
  print(`${changed} ${dryRun ? 'to change' : 'changed'}, ${changes.length - changed} unchanged`);
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
