import { Injectable } from '@nestjs/common';
import type { DefinitionKind, DefinitionOf, DefinitionRecord, KeyDefinition } from '@tidings/contracts';

/** An API key in force, and the workspace it belongs to. */
export interface CatalogKey {
  readonly workspace: string;
  readonly key: KeyDefinition;
}

type ByKind = ReadonlyMap<DefinitionKind, readonly DefinitionRecord[]>;

const keyOf = (workspace: string, kind: DefinitionKind, id: string): string => `${workspace}:${kind}:${id}`;

/**
 * Every definition of every workspace as this process last heard it, in memory. It is complete before the first
 * message is handled; from then on it follows the `definitions` topic, a moment behind it.
 */
@Injectable()
export class Catalog {
  private readonly records = new Map<string, DefinitionRecord>();
  private readonly shelves = new Map<string, Map<string, DefinitionRecord>>();
  private readonly revisions = new Map<string, number>();
  private readonly keys = new Map<string, CatalogKey>();
  private readonly current = this.derived(publishedByKind);
  private changes = 0;

  /** A catalog that holds these records and hears of no others until told. */
  static of(records: readonly DefinitionRecord[]): Catalog {
    const catalog = new Catalog();
    for (const record of records) catalog.put(record);
    return catalog;
  }

  /** Rises with every change of any definition. */
  get revision(): number {
    return this.changes;
  }

  /** The ids of all workspaces that were ever published and not deleted. */
  workspaces(): readonly string[] {
    return [...this.shelves.keys()].filter((workspace) => this.find('workspace', workspace, workspace) !== undefined);
  }

  /** The settings of a workspace. */
  workspace(id: string): DefinitionOf<'workspace'>['body'] | undefined {
    return this.find('workspace', id, id)?.body;
  }

  /** The definitions of a kind that are in force now: the current version of each, archived ones left out. */
  all<K extends DefinitionKind>(kind: K, workspace: string): readonly DefinitionOf<K>[] {
    return (this.current(workspace).get(kind) ?? []) as readonly DefinitionOf<K>[];
  }

  /** One definition, archived or not: the current one or, where a version is named, exactly that one. */
  find<K extends DefinitionKind>(
    kind: K,
    workspace: string,
    id: string,
    version?: number,
  ): DefinitionOf<K> | undefined {
    const current = this.records.get(keyOf(workspace, kind, id));
    const found =
      version === undefined || current?.version === version
        ? current
        : this.records.get(keyOf(workspace, kind, `${id}@${version}`));
    return found as DefinitionOf<K> | undefined;
  }

  /** The API key of this id, if it is in force. */
  key(keyId: string): CatalogKey | undefined {
    return this.keys.get(keyId);
  }

  /** Makes a value per workspace from its definitions, once, and again only after one of them changed. */
  derived<T>(make: (catalog: Catalog, workspace: string) => T): (workspace: string) => T {
    const made = new Map<string, { readonly revision: number; readonly value: T }>();
    return (workspace) => {
      const revision = this.revisions.get(workspace) ?? 0;
      const kept = made.get(workspace);
      if (kept?.revision === revision) return kept.value;
      const value = make(this, workspace);
      made.set(workspace, { revision, value });
      return value;
    };
  }

  /** Takes over a definition as published. */
  put(record: DefinitionRecord): void {
    const id = keyOf(record.workspace, record.kind, record.id);
    this.records.set(id, record);
    const shelf = this.shelves.get(record.workspace) ?? new Map<string, DefinitionRecord>();
    this.shelves.set(record.workspace, shelf.set(id, record));
    if (record.kind === 'key') this.putKey(record);
    this.changed(record.workspace);
  }

  /** Forgets the definition that was published under this Kafka key. */
  remove(key: string): void {
    const record = this.records.get(key);
    if (record === undefined) return;
    this.records.delete(key);
    this.shelves.get(record.workspace)?.delete(key);
    if (record.kind === 'key') this.keys.delete(record.body.id);
    this.changed(record.workspace);
  }

  /** The records of a workspace, kept versions among them. */
  recordsOf(workspace: string): readonly DefinitionRecord[] {
    return [...(this.shelves.get(workspace)?.values() ?? [])];
  }

  private putKey({ workspace, status, body }: DefinitionOf<'key'>): void {
    if (status === 'published' && body.revokedAt === null) this.keys.set(body.id, { workspace, key: body });
    else this.keys.delete(body.id);
  }

  private changed(workspace: string): void {
    this.changes += 1;
    this.revisions.set(workspace, this.changes);
  }
}

function publishedByKind(catalog: Catalog, workspace: string): ByKind {
  const current = catalog.recordsOf(workspace).filter(({ id, status }) => status === 'published' && !id.includes('@'));
  return Map.groupBy(current, ({ kind }) => kind);
}
