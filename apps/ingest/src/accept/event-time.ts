import { limits } from './limits.js';
import { Refusal, type JsonObject } from './refusal.js';

/** What `Date.prototype.toISOString` writes, on the days that every month has. */
const plainInstant = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const isoDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** The instant an ISO 8601 text names, in milliseconds; UTC when it names no zone, NaN when it is no such text. */
export function parseInstant(value: unknown): number {
  if (typeof value !== 'string') return NaN;
  if (value.length === 24 && plainInstant.test(value)) return plainToMs(value);
  const match = isoDate.exec(value);
  if (match === null) return NaN;
  // A date alone is UTC by the standard; a time without zone would be local, and servers have no business with that.
  return Date.parse(value.length > 10 && match[1] === undefined ? `${value}Z` : value);
}

/** `Date.parse` of a plain instant, at a third of its cost: senders write two of them in every event. */
function plainToMs(text: string): number {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  // Date.UTC takes the years 0 to 99 for those of the last century.
  if (year < 100) return Date.parse(text);
  const [day, hour, minute] = [twoDigits(text, 8), twoDigits(text, 11), twoDigits(text, 14)];
  const ms = (text.charCodeAt(20) - 48) * 100 + twoDigits(text, 21);
  return Date.UTC(year, twoDigits(text, 5) - 1, day, hour, minute, twoDigits(text, 17), ms);
}

const twoDigits = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;

/** What we know of an event's time besides what it says itself; instants in milliseconds. */
export interface TimeContext {
  /** When the call was sent, by the sender's clock. */
  readonly sentAt: unknown;
  readonly receivedAt: number;
  /** When it happened if it does not say. */
  readonly otherwise: number;
}

/**
 * When the event happened, in milliseconds. The sender's clock is corrected as Segment does: `receivedAt - (sentAt - timestamp)`. An
 * event that carries both `originalTimestamp` and `timestamp` was corrected on its way and is taken at its word. Up to
 * a day ahead of us becomes the moment of receipt; further ahead, before 1970, or no instant at all is refused.
 */
export function eventTime(raw: JsonObject, { sentAt, receivedAt, otherwise }: TimeContext): number | Refusal {
  const field = present(raw['timestamp']) ? 'timestamp' : 'originalTimestamp';
  if (!present(raw[field])) return unsaid(otherwise, receivedAt);
  const claimed = parseInstant(raw[field]);
  if (Number.isNaN(claimed)) return new Refusal(field, 'must be a date and time as ISO 8601 writes them');
  const corrected = field === 'timestamp' && present(raw['originalTimestamp']);
  const sent = corrected ? NaN : parseInstant(sentAt);
  return bounded(Number.isNaN(sent) ? claimed : receivedAt - (sent - claimed), receivedAt, field);
}

/** An event that does not say when cannot be at fault for what the door believes. */
function unsaid(otherwise: number, receivedAt: number): number {
  const at = bounded(otherwise, receivedAt, '');
  return typeof at === 'number' ? at : receivedAt;
}

const present = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function bounded(at: number, now: number, field: string): number | Refusal {
  if (at > now + limits.aheadMs) return new Refusal(field, 'is more than a day in the future');
  // `sentAt - timestamp` can be anything, so the corrected instant need not be one that a Date can hold.
  if (!(at >= 0)) return new Refusal(field, 'is before 1970');
  return Math.min(at, now);
}
