import type { SendResult } from '@tidings/dispatch';

/** An answer of FCM HTTP v1. */
export interface FcmResponse {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
  readonly body: string;
}

interface Failure {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** The code of an `FcmError` among the details, or null: then FCM itself never saw the message. */
  readonly errorCode: string | null;
  readonly badFields: readonly string[];
  readonly detail: string;
}

/** What FCM asks of senders that it has told to slow down without saying for how long. */
const quotaPauseMs = 60_000;

/**
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode. A token is dead only on `UNREGISTERED` or when it is
 * the field that is invalid; a bare 404 is a wrong project, which says nothing about any token.
 */
export function toResult(response: FcmResponse, now: number): SendResult {
  if (response.status === 200) return { kind: 'accepted', providerId: nameOf(response.body) };
  const failure = failureOf(response, now);
  const { status, retryAfterMs, detail } = failure;
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfterMs ?? quotaPauseMs };
  if (status === 504) return { kind: 'unknown', detail };
  if (status >= 500) return { kind: 'unavailable', retryAfterMs, detail };
  return refused(failure);
}

function refused({ status, errorCode, badFields, detail }: Failure): SendResult {
  if (errorCode === 'UNREGISTERED') return { kind: 'bad-address', detail };
  if (errorCode === 'SENDER_ID_MISMATCH') return { kind: 'rejected', detail };
  if (errorCode === 'THIRD_PARTY_AUTH_ERROR') return { kind: 'misconfigured', detail, scope: 'some-addresses' };
  if (status === 401 || status === 403 || status === 404) return { kind: 'misconfigured', detail, scope: 'provider' };
  return badFields.includes('message.token') ? { kind: 'bad-address', detail } : { kind: 'rejected', detail };
}

/** The time a `Retry-After` asks for, from seconds or a date; null without one. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null || header === '') return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function failureOf({ status, retryAfter, body }: FcmResponse, now: number): Failure {
  const error = property(parsed(body), 'error');
  const details = property(error, 'details');
  const list: readonly unknown[] = Array.isArray(details) ? details : [];
  const fcm = list.find((detail) => text(detail, '@type')?.endsWith('FcmError'));
  const errorCode = fcm === undefined ? null : text(fcm, 'errorCode');
  const detail = `${String(status)} ${errorCode ?? text(error, 'status') ?? ''}: ${text(error, 'message') ?? ''}`;
  return { status, retryAfterMs: retryAfterMs(retryAfter, now), errorCode, badFields: list.flatMap(fieldsOf), detail };
}

function fieldsOf(detail: unknown): readonly string[] {
  const violations = property(detail, 'fieldViolations');
  return Array.isArray(violations) ? violations.flatMap((violation) => text(violation, 'field') ?? []) : [];
}

const nameOf = (body: string): string | null => text(parsed(body), 'name');

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Proxies on the way answer in HTML; the status is all there is to go by.
    return null;
  }
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined;
}

function text(of: unknown, name: string): string | null {
  const value = property(of, name);
  return typeof value === 'string' ? value : null;
}
