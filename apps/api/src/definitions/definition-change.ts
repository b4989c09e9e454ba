import type { DefinitionKind, DefinitionRecord } from '@tidings/contracts';
import { canonical } from '@tidings/definition';

/** A definition as its newest version says. */
export interface Head {
  readonly kind: DefinitionKind;
  readonly id: string;
  readonly version: number;
  readonly status: 'published' | 'archived';
  readonly body: unknown;
}

/** What publishing a definition does: nothing when it says what is published already, else the next version. */
export interface Change {
  readonly kind: DefinitionKind;
  readonly id: string;
  readonly change: 'created' | 'updated' | 'unchanged';
  readonly version: number;
  readonly body: unknown;
}

/** A definition that somebody wants published. */
export interface Wanted {
  readonly kind: DefinitionKind;
  readonly id: string;
  readonly body: unknown;
}

/** What publishing the wanted definitions changes, in their order. */
export function planChanges(heads: readonly Head[], wanted: readonly Wanted[]): Change[] {
  const byKey = new Map(heads.map((head) => [`${head.kind}:${head.id}`, head]));
  return wanted.map(({ kind, id, body }): Change => {
    const head = byKey.get(`${kind}:${id}`);
    if (head === undefined) return { kind, id, body, change: 'created', version: 1 };
    const same = head.status === 'published' && canonical(head.body) === canonical(body);
    return same
      ? { kind, id, body, change: 'unchanged', version: head.version }
      : { kind, id, body, change: 'updated', version: head.version + 1 };
  });
}

/** What goes on the topic for a version: the definition itself and, where runs or messages in flight may need it, the kept version. */
export function recordsOf(workspace: string, head: Head, publishedAt: Date): DefinitionRecord[] {
  const { kind, id, version, status, body } = head;
  const record = { v: 1, workspace, kind, id, version, status, publishedAt: publishedAt.toISOString(), body } as DefinitionRecord;
  const kept = kind === 'journey' || kind === 'template';
  return kept ? [{ ...record, id: `${id}@${version}`, status: 'published' }, record] : [record];
}
