import type { SendResult } from '@tidings/dispatch';

/** An answer of SendGrid's v3 API; header names in lower case. */
export interface SendgridResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly errors: readonly { readonly message: string; readonly field: string | null }[];
}

/** What a limit without a time is taken to mean: their windows are of a minute. */
const limitPauseMs = 60_000;

/** https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors: 202 is queued, not delivered. */
export function toResult(response: SendgridResponse, now: number): SendResult {
  const { status, headers } = response;
  const detail = detailOf(response);
  if (status >= 200 && status < 300) return accepted(headers, now);
  if (status === 429) return { kind: 'throttled', retryAfterMs: limitedMs(headers, now) };
  // A gateway gave up waiting for SendGrid, which may have the mail all the same.
  if (status === 504 || status === 408) return { kind: 'unknown', detail };
  if (status >= 500) return { kind: 'unavailable', retryAfterMs: retryAfterMs(headers), detail };
  if (accountStatus.has(status)) return { kind: 'misconfigured', detail, scope: 'provider' };
  return isBadAddress(response) ? { kind: 'bad-address', detail } : { kind: 'rejected', detail };
}

const detailOf = ({ status, errors }: SendgridResponse): string =>
  `${String(status)}: ${errors.map(({ message, field }) => (field === null ? message : `${field}: ${message}`)).join('; ')}`;

/** A key, a sender or a base URL that is not right. */
const accountStatus = new Set([401, 403, 404, 405]);

const isBadAddress = ({ errors }: SendgridResponse): boolean =>
  errors.length > 0 && errors.every(({ field }) => /^personalizations\.\d+\.to\.\d+\.email$/.test(field ?? ''));

function accepted(headers: SendgridResponse['headers'], now: number): SendResult {
  const providerId = headers['x-message-id'] ?? null;
  const pauseMs = headers['x-ratelimit-remaining'] === '0' ? resetMs(headers, now) : null;
  return { kind: 'accepted', providerId, ...(pauseMs === null ? {} : { pauseMs }) };
}

const limitedMs = (headers: SendgridResponse['headers'], now: number): number => retryAfterMs(headers) ?? resetMs(headers, now) ?? limitPauseMs;

function retryAfterMs(headers: SendgridResponse['headers']): number | null {
  const seconds = Number(headers['retry-after'] ?? NaN);
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}

/** `X-RateLimit-Reset` is the second of the clock in which the window ends. */
function resetMs(headers: SendgridResponse['headers'], now: number): number | null {
  const second = Number(headers['x-ratelimit-reset'] ?? NaN);
  return Number.isFinite(second) ? Math.max(0, second * 1000 - now) : null;
}
