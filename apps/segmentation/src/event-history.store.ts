import { rowSet, unlessWritten, type Tx } from '@tidings/postgres';
import { happenedAt } from '@tidings/profile';
import { labelOf, numberOf, type Source } from './counts-as.js';
import { occurrenceOf } from './follow.js';
import type { HeardEvent } from './heard-event.js';

/** What is kept of an event beside the columns that say the rest of it. */
export type KeptEvent = Pick<
  HeardEvent,
  'userId' | 'anonymousId' | 'properties' | 'traits' | 'context' | 'receipt' | 'timestamp' | 'source'
>;

const row = rowSet({
  workspace: 'text', profile_id: 'text', message_id: 'text', type: 'text', name: 'text',
  received_at: 'timestamptz', happened_at: 'int8', event: 'jsonb', counts_as: 'int4',
}); // prettier-ignore

/**
 * A scalar sub-select is looked up row by row: as a join it would read the whole of two days' history for a few events.
 * A day that is the same for all rows takes the other days' partitions out before anything is planned for them.
 */
const seenOn = (day: string): string => `
  select true from segmentation.event_history h
   where h.day = ${day} and h.workspace = r.workspace and h.profile_id = r.profile_id and h.message_id = r.message_id limit 1`;

const writeDay = `insert into segmentation.event_history (day, ${row.names}) select $1::date, ${row.names} from ${row.source(2)}`;

/** Without \`on conflict\`, which writes a row, looks whether it may, and confirms it: a sixth of the statement, for what was looked up anyway. */
const rememberDay = `${writeDay}
   where (${seenOn('$1::date')}) is null and (${seenOn('$1::date - 1')}) is null and (${seenOn('$1::date + 1')}) is null
  returning workspace, profile_id, message_id`;

/**
 * Writes events down and returns those that are new. An event that its profile has had under the same \`messageId\`, on the
 * day it was received or a day before or after, is the same event, through whichever door it came again. Of whom nothing is
 * known nothing was written down, so nothing is looked up. Rejects with \`InfrastructureError\` when somebody else writes one meanwhile.
 */
export async function remember<E extends HeardEvent>(tx: Tx, events: readonly E[], isUnknown: (event: E) => boolean): Promise<ReadonlySet<E>> {
  const first = new Map<string, E>();
  for (const event of events) {
    const id = idOf(event.workspace, event.profileId, event.messageId);
    if (!first.has(id)) first.set(id, event);
  }
  const byDay = Map.groupBy(first.values(), ({ receivedAt }) => receivedAt.slice(0, 10));
  const written = [...byDay].flatMap(([day, received]) => {
    const { no: known = [], yes: unknown = [] } = Object.groupBy(received, (event) => (isUnknown(event) ? 'yes' : 'no'));
    return [writeKnown(tx, day, known, first), writeUnknown(tx, day, unknown)];
  });
  return new Set((await unlessWritten(Promise.all(written), 'an event')).flat());
}

type Key = Pick<HistoryRow, 'workspace' | 'profile_id' | 'message_id'>;

async function writeKnown<E extends HeardEvent>(tx: Tx, day: string, events: readonly E[], byId: ReadonlyMap<string, E>): Promise<readonly E[]> {
  if (events.length === 0) return [];
  const written = await tx.query<Key>(rememberDay, [day, ...row.parameters(events.map(rowOf))]);
  return written.flatMap(({ workspace, profile_id: profileId, message_id: messageId }) => byId.get(idOf(workspace, profileId, messageId)) ?? []);
}

async function writeUnknown<E extends HeardEvent>(tx: Tx, day: string, events: readonly E[]): Promise<readonly E[]> {
  if (events.length > 0) await tx.query(writeDay, [day, ...row.parameters(events.map(rowOf))]);
  return events;
}

/** With its length in front the profile's id ends where it ends. */
const idOf = (workspace: string, profileId: string, messageId: string): string =>
  `${workspace}:${profileId.length}:${profileId}${messageId}`;

interface HistoryRow {
  readonly workspace: string;
  readonly profile_id: string;
  readonly message_id: string;
  readonly type: string;
  readonly name: string;
  readonly received_at: string;
  readonly happened_at: number;
  readonly event: KeptEvent;
  readonly counts_as: number;
}

function rowOf(event: HeardEvent): HistoryRow {
  const occurrence = occurrenceOf(event);
  return {
    workspace: event.workspace,
    profile_id: event.profileId,
    message_id: event.messageId,
    type: event.type,
    name: event.name,
    received_at: event.receivedAt,
    happened_at: occurrence?.at ?? happenedAt(event),
    event: kept(event),
    counts_as: countsAs(occurrence),
  };
}

/** Nobody looks for what counts as nothing. */
const countsAs = (occurrence: Source | null): number => (occurrence === null ? 0 : numberOf(labelOf(occurrence)));

const kept = ({
  userId,
  anonymousId,
  properties,
  traits,
  context,
  receipt,
  timestamp,
  source,
}: HeardEvent): KeptEvent =>
  receipt === undefined
    ? { userId, anonymousId, properties, traits, context, timestamp, source }
    : { userId, anonymousId, properties, traits, context, receipt, timestamp, source };
