import { counter, histogram } from '@tidings/service';

/** Through which door an event came. */
export type DoorName = 'http' | 'kafka' | 'api' | 'provider' | 'recipient' | 'source' | 'import';

/** What became of an event at the door. */
export type EventResult = 'accepted' | 'refused' | 'dead-letter' | 'limited' | 'unavailable' | 'ignored';

const events = counter('tidings_ingest_events_total', 'Events that came to a door, by what became of them there.');
const ackSeconds = histogram(
  'tidings_ingest_ack_seconds',
  'From handing events to the publisher to the acknowledgement of the broker.',
);
const unauthorised = counter('tidings_ingest_unauthorised_total', 'Calls without a key in force.');

/** Counts events by door and result. */
export const countEvents = (door: DoorName, result: EventResult, count = 1): void => {
  if (count > 0) events.add(count, { door, result });
};

/** Counts a call without a key in force. */
export const countUnauthorised = (): void => unauthorised.add(1);

/** Measures how long the broker took, in seconds. */
export const measureAck = (seconds: number): void => ackSeconds.record(seconds);
