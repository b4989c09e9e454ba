import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookSignature } from '@tidings/contracts';

/** What a webhook's sender sent; header names in lower case. */
export interface WebhookCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The sender holds a secret and signed this call lately: `id` is the same for the same call sent again. */
export type Verified =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly reason: 'unsigned' | 'stale' | 'wrong' };

const presetSeconds = 300;

type Scheme<S extends WebhookSignature['scheme']> = Extract<WebhookSignature, { scheme: S }>;

/** Whether a call was signed with one of the secrets, within the window around `now`; compares in constant time. */
export function verifyWebhook(signature: WebhookSignature, secrets: readonly string[], call: WebhookCall, now: Date): Verified {
  switch (signature.scheme) {
    case 'standard-webhooks':
      return verifyStandard(signature, secrets, call, now);
    case 'hmac-sha256':
      return verifyHeader(signature, secrets, call, now);
  }
}

function verifyStandard({ toleranceSeconds }: Scheme<'standard-webhooks'>, secrets: readonly string[], { headers, body }: WebhookCall, now: Date): Verified {
  const [id, time, list] = [headers['webhook-id'], headers['webhook-timestamp'], headers['webhook-signature']];
  if (!id || !time || !list) return { ok: false, reason: 'unsigned' };
  if (!isFresh(time, toleranceSeconds, now)) return { ok: false, reason: 'stale' };
  const given = list.split(' ').flatMap((each) => (each.startsWith('v1,') ? [Buffer.from(each.slice(3), 'base64')] : []));
  const right = secrets.map((secret) => digestOf(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'), `${id}.${time}.`, body));
  return given.some((each) => right.some((digest) => same(each, digest))) ? { ok: true, id } : { ok: false, reason: 'wrong' };
}

function verifyHeader(signature: Scheme<'hmac-sha256'>, secrets: readonly string[], { headers, body }: WebhookCall, now: Date): Verified {
  const { header, prefix, encoding, timestampHeader, idHeader, toleranceSeconds } = { prefix: '', encoding: 'hex', ...signature } as const;
  const text = headers[header.toLowerCase()];
  const time = timestampHeader === undefined ? null : valueOf(headers, timestampHeader);
  if (!text?.startsWith(prefix) || time === '') return { ok: false, reason: 'unsigned' };
  if (time !== null && !isFresh(time, toleranceSeconds, now)) return { ok: false, reason: 'stale' };
  const before = time === null ? '' : `${time}.`;
  const given = Buffer.from(text.slice(prefix.length), encoding);
  const right = secrets.some((secret) => same(given, digestOf(Buffer.from(secret), before, body)));
  return right ? { ok: true, id: valueOf(headers, idHeader) || bytesId(before, body) } : { ok: false, reason: 'wrong' };
}

const valueOf = (headers: WebhookCall['headers'], header = ''): string => headers[header.toLowerCase()] ?? '';

/** Without an id of the sender's, the same bytes at the same time are the same call. */
const bytesId = (before: string, body: Buffer): string => createHash('sha256').update(before).update(body).digest('hex');

const digestOf = (key: Buffer, before: string, body: Buffer): Buffer => createHmac('sha256', key).update(before).update(body).digest();

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

/** Seconds since 1970; as far ahead as behind, for clocks that differ. */
function isFresh(time: string, toleranceSeconds: number | undefined, now: Date): boolean {
  return /^\d{1,12}$/.test(time) && Math.abs(now.getTime() / 1000 - Number(time)) <= (toleranceSeconds ?? presetSeconds);
}
