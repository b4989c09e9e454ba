import type { DefinitionKind, DefinitionRecord, SegmentDefinition } from '@tidings/contracts';
import { canonical } from '@tidings/definition';

/** A definition as its newest version says. */
export interface Head {
  readonly kind: DefinitionKind;
  readonly id: string;
  readonly version: number;
  readonly status: 'published' | 'archived';
  readonly body: unknown;
  /** Of a snapshot: the moment of which its members are; null of everything else. */
  readonly takenAt: Date | null;
}

/** What publishing a definition does: nothing when it says what is published already, else the next version. */
export interface Change {
  readonly kind: DefinitionKind;
  readonly id: string;
  readonly change: 'created' | 'updated' | 'unchanged';
  readonly version: number;
  readonly body: unknown;
  /** Of a snapshot: when the one was taken that stays; null where one is taken with this version. Left out of everything else. */
  readonly takenAt?: Date | null;
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
    const taken = isSnapshot(kind, body) ? { takenAt: takenBefore(head, body) } : {};
    if (head === undefined) return { kind, id, body, change: 'created', version: 1, ...taken };
    const same = head.status === 'published' && canonical(head.body) === canonical(body);
    return same
      ? { kind, id, body, change: 'unchanged', version: head.version, ...taken }
      : { kind, id, body, change: 'updated', version: head.version + 1, ...taken };
  });
}

const isSnapshot = (kind: DefinitionKind, body: unknown): body is SegmentDefinition =>
  kind === 'segment' && (body as SegmentDefinition).snapshot === true;

/** The snapshot that a segment has is its snapshot for as long as it asks the same, whatever it is called. */
function takenBefore(head: Head | undefined, { where }: SegmentDefinition): Date | null {
  if (head?.status !== 'published' || !isSnapshot('segment', head.body)) return null;
  return canonical(head.body.where) === canonical(where) ? head.takenAt : null;
}

/** What goes on the topic for a version: the definition itself and, where runs or messages in flight may need it, the kept version. */
export function recordsOf(workspace: string, head: Head, publishedAt: Date): DefinitionRecord[] {
  const { kind, id, version, status, body, takenAt } = head;
  const record = { v: 1, workspace, kind, id, version, status, publishedAt: publishedAt.toISOString(), ...(takenAt && { takenAt: takenAt.toISOString() }), body } as DefinitionRecord;
  const kept = kind === 'journey' || kind === 'template';
  return kept ? [{ ...record, id: `${id}@${version}`, status: 'published' }, record] : [record];
}
