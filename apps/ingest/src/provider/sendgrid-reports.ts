import type { ReceiptKind, Values } from '@tidings/contracts';
import type { TrackingToken } from '@tidings/service';
import { isObject, type JsonObject } from '../accept/refusal.js';
import type { Report } from '../receipt-event.js';

/** Which of SendGrid's events say something that we keep; `processed` and `deferred` only say that it is still trying. */
const kinds: Readonly<Record<string, ReceiptKind>> = {
  delivered: 'delivered',
  bounce: 'bounced',
  dropped: 'bounced',
  open: 'opened',
  click: 'clicked',
  spamreport: 'complained',
  unsubscribe: 'unsubscribed',
  group_unsubscribe: 'unsubscribed',
};

/** Reads the token that a dispatcher gave the provider with the message; null when it is not one of ours. */
type ReadToken = (text: string) => TrackingToken | null;

/**
 * The report in one event of SendGrid's webhook, or null when there is none for us: an event we do not keep, of a
 * message we did not send, or of a message of another workspace than the provider account's.
 */
export function sendGridReport(event: unknown, workspace: string, read: ReadToken, now: Date): Report | null {
  if (!isObject(event)) return null;
  const kind = own(kinds, event['event']);
  const token = event['mid'];
  const message = kind && typeof token === 'string' ? read(token) : null;
  if (!kind || message === null || message.w !== workspace) return null;
  const id = event['sg_event_id'];
  return {
    kind,
    source: 'provider',
    message,
    happenedAt: happenedAt(event['timestamp'], now),
    properties: propertiesOf(kind, event),
    ...(typeof id === 'string' && /^[\x21-\x7e]{1,255}$/.test(id) && { messageId: id }),
  };
}

const own = (table: Readonly<Record<string, ReceiptKind>>, name: unknown): ReceiptKind | undefined =>
  typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;

function happenedAt(seconds: unknown, now: Date): Date {
  const usable = typeof seconds === 'number' && seconds > 0 && seconds * 1000 <= now.getTime();
  return usable ? new Date(seconds * 1000) : now;
}

/** SendGrid's own words are left out: its `reason` quotes addresses. */
function propertiesOf(kind: ReceiptKind, event: JsonObject): Values {
  if (kind === 'clicked') return isWebAddress(event['url']) ? { url: event['url'] } : {};
  if (kind !== 'bounced') return {};
  const { status } = event;
  const bounce = bounceOf(event);
  return {
    bounce,
    ...(bounce === 'dropped' && { because: droppedBecause(event['reason']) }),
    ...(typeof status === 'string' && /^\d\.\d{1,3}\.\d{1,3}$/.test(status) && { status }),
  };
}

/** `hard`: the address does not take mail; `soft`: the receiver blocked this one; `dropped`: SendGrid did not try. */
function bounceOf(event: JsonObject): 'hard' | 'soft' | 'dropped' {
  if (event['event'] === 'dropped') return 'dropped';
  return event['type'] === 'blocked' ? 'soft' : 'hard';
}

const dropReasons: readonly (readonly [RegExp, string])[] = [
  [/^bounced address/i, 'bounced'],
  [/^spam reporting address/i, 'complained'],
  [/^unsubscribed address/i, 'unsubscribed'],
  [/^invalid$/i, 'invalid'],
];

/** What SendGrid holds against the address; `other` is about the mail or the account. */
const droppedBecause = (reason: unknown): string =>
  dropReasons.find(([pattern]) => typeof reason === 'string' && pattern.test(reason.trim()))?.[1] ?? 'other';

const isWebAddress = (url: unknown): url is string =>
  typeof url === 'string' && url.length <= 8192 && /^https?:\/\//i.test(url);
