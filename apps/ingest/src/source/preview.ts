import type { SourceDefinition } from '@tidings/contracts';
import type { CompiledSource, MappedCall } from '@tidings/mapping';
import { acceptMapped } from './accept-mapped.js';
import type { RawRecord } from './source-record.js';

/** What a record would become: what the mapping made of it, what of that would be accepted, or why it would not. */
export interface Previewed {
  readonly place: string;
  readonly at: string;
  readonly outcome: 'events' | 'ignored' | 'refused';
  readonly calls: readonly MappedCall[];
  readonly events: readonly object[];
  readonly error: { readonly field: string; readonly message: string; readonly detail: string } | null;
  /** The record's own text, its first 4,000 characters. */
  readonly record: string | null;
}

/** What a draft would do with a record; nothing is published. */
export async function previewed(
  { definition, compiled, workspace }: { readonly definition: SourceDefinition; readonly compiled: CompiledSource; readonly workspace: string },
  raw: RawRecord,
  place: string,
  now: Date,
): Promise<Previewed> {
  const door = { workspace, source: definition.kafka === undefined ? 'http' : 'kafka', now, id: `${definition.id}/${place}` } as const;
  const answer = await acceptMapped(raw, compiled, door);
  const shown = { place, at: raw.at.toISOString(), record: raw.value?.toString('utf8', 0, 16_000).slice(0, 4_000) ?? null };
  switch (answer.kind) {
    case 'ignored':
      return { ...shown, outcome: 'ignored', calls: [], events: [], error: null };
    case 'events':
      return { ...shown, outcome: 'events', calls: answer.calls, events: answer.events, error: null };
    case 'refused': {
      const { refusal, detail, calls } = answer;
      return { ...shown, outcome: 'refused', calls, events: [], error: { field: refusal.field, message: refusal.message, detail } };
    }
  }
}
