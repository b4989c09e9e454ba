import type { AcceptedEvent } from '@tidings/contracts';
import type { CompiledSource, MappedCall, SourceRecord } from '@tidings/mapping';
import { v5 as uuidV5 } from 'uuid';
import { acceptEvent } from '../accept/accept-event.js';
import { limits } from '../accept/limits.js';
import { Refusal } from '../accept/refusal.js';
import { sourceRecord, type RawRecord } from './source-record.js';

/** What is known of a record besides the record. */
export interface MappedDoor {
  readonly workspace: string;
  readonly source: AcceptedEvent['source'];
  readonly now: Date;
  /** What the ids of events without one begin with: the same for the same record, and for no other. */
  readonly id: string;
}

/** All events of a record, or none of them: a record that is mended and read again must not double the good ones. */
export type MappedAcceptance =
  | { readonly kind: 'events'; readonly events: readonly AcceptedEvent[]; readonly calls: readonly MappedCall[] }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly detail: string; readonly calls: readonly MappedCall[] };

const namespace = 'b8f4a2f6-50f6-5e0d-8d0b-6f0c8d6f2a4d';

/** Decides about one record of a source: reads it, maps it, and accepts each call that it becomes. Never rejects. */
export async function acceptMapped(raw: RawRecord, compiled: CompiledSource, door: MappedDoor): Promise<MappedAcceptance> {
  const record = sourceRecord(raw);
  if (record instanceof Refusal) return refused(record);
  const mapped = await compiled.mapRecord(record);
  switch (mapped.kind) {
    case 'ignored':
      return mapped;
    case 'failed':
      return refused(new Refusal(mapped.place, mapped.reason), mapped.detail);
    case 'calls':
      return acceptCalls(mapped.calls, record, raw.at, door);
  }
}

function acceptCalls(calls: readonly MappedCall[], record: SourceRecord, at: Date, door: MappedDoor): MappedAcceptance {
  const events: AcceptedEvent[] = [];
  for (const [index, call] of calls.entries()) {
    const { workspace, source, now } = door;
    const messageId = () => idOf(record.cloudEvent, door.id, index);
    const answer = acceptEvent(completed(call, record.cloudEvent), { workspace, source, now, messageId, otherwiseAt: at, mergesKnown: true });
    if (answer.kind === 'refused') return refused(calls.length === 1 ? answer : answer.within(`calls[${index}]`), undefined, calls);
    events.push(answer.event);
  }
  return { kind: 'events', events, calls };
}

/** A CloudEvent says whose it is and when it happened; a mapping need not say it again. */
function completed(call: MappedCall, event: SourceRecord['cloudEvent']): MappedCall {
  if (event === null) return call;
  const { subject = null, time = null } = event;
  const named = call['userId'] !== undefined || call['anonymousId'] !== undefined;
  return { ...(time !== null && { timestamp: time }), ...(subject !== null && !named && { userId: subject }), ...call };
}

/** A CloudEvent's own source and id make it the same event wherever it is read. */
function idOf(event: SourceRecord['cloudEvent'], place: string, index: number): string {
  const base = event === null ? place : `${event['source'] ?? ''} ${event['id'] ?? ''}`;
  const id = index === 0 ? base : `${base}/${index}`;
  return id.length <= limits.idLength ? id : uuidV5(id, namespace);
}

const refused = (refusal: Refusal, detail = refusal.message, calls: readonly MappedCall[] = []): MappedAcceptance => ({
  kind: 'refused', refusal, detail, calls,
}); // prettier-ignore
