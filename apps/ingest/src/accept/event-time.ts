import { limits } from './limits.js';
import { Refusal, type JsonObject } from './refusal.js';

const isoDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** The instant an ISO 8601 text names, in milliseconds; UTC when it names no zone, NaN when it is no such text. */
export function parseInstant(value: unknown): number {
  if (typeof value !== 'string') return NaN;
  const match = isoDate.exec(value);
  if (match === null) return NaN;
  // A date alone is UTC by the standard; a time without zone would be local, and servers have no business with that.
  return Date.parse(value.length > 10 && match[1] === undefined ? `${value}Z` : value);
}

/** What we know of an event's time besides what it says itself. */
export interface TimeContext {
  /** When the call was sent, by the sender's clock. */
  readonly sentAt: unknown;
  readonly receivedAt: Date;
  /** When it happened if it does not say. */
  readonly otherwise: Date;
}

/**
 * When the event happened. The sender's clock is corrected as Segment does: `receivedAt - (sentAt - timestamp)`. An
 * event that carries both `originalTimestamp` and `timestamp` was corrected on its way and is taken at its word. Up to
 * a day ahead of us becomes the moment of receipt; further ahead, before 1970, or no instant at all is refused.
 */
export function eventTime(raw: JsonObject, { sentAt, receivedAt, otherwise }: TimeContext): Date | Refusal {
  const field = present(raw['timestamp']) ? 'timestamp' : 'originalTimestamp';
  if (!present(raw[field])) return unsaid(otherwise, receivedAt);
  const claimed = parseInstant(raw[field]);
  if (Number.isNaN(claimed)) return new Refusal(field, 'must be a date and time as ISO 8601 writes them');
  const corrected = field === 'timestamp' && present(raw['originalTimestamp']);
  const sent = corrected ? NaN : parseInstant(sentAt);
  return bounded(Number.isNaN(sent) ? claimed : receivedAt.getTime() - (sent - claimed), receivedAt, field);
}

/** An event that does not say when cannot be at fault for what the door believes. */
function unsaid(otherwise: Date, receivedAt: Date): Date {
  const at = bounded(otherwise.getTime(), receivedAt, '');
  return at instanceof Refusal ? receivedAt : at;
}

const present = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function bounded(at: number, receivedAt: Date, field: string): Date | Refusal {
  const now = receivedAt.getTime();
  if (at > now + limits.aheadMs) return new Refusal(field, 'is more than a day in the future');
  // `sentAt - timestamp` can be anything, so the corrected instant need not be one that a Date can hold.
  if (!(at >= 0)) return new Refusal(field, 'is before 1970');
  return new Date(Math.min(at, now));
}
