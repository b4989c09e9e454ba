import { describe, expect, it } from '@jest/globals';
import type { SendResult } from '@tidings/dispatch';
import { toResult } from './to-result.js';

const now = Date.parse('2026-03-02T12:00:00Z');
const fcmError = (errorCode: string) => ({ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode });
const badRequest = (field: string) => ({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description: 'bad' }] });
const errorInfo = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED' };
const error = (status: string, ...details: unknown[]): string => JSON.stringify({ error: { status, message: 'm', details } });

type Row = [sentence: string, status: number, body: string, retryAfter: string | null, expected: SendResult];

describe('what FCM answers', () => {
  it.each<Row>([
    ['200 is accepted, under its name', 200, '{"name":"projects/demo/messages/1"}', null, { kind: 'accepted', providerId: 'projects/demo/messages/1' }],
    ['200 that broke off is accepted all the same', 200, '{"name":', null, { kind: 'accepted', providerId: null }],
    ['an invalid token is dead', 400, error('INVALID_ARGUMENT', badRequest('message.token')), null, { kind: 'bad-address', detail: '400 INVALID_ARGUMENT: m' }],
    ['another invalid field is the message\'s fault', 400, error('INVALID_ARGUMENT', badRequest('message.data[0].key'), fcmError('INVALID_ARGUMENT')), null, { kind: 'rejected', detail: '400 INVALID_ARGUMENT: m' }],
    ['too big, without details, is the message\'s fault', 400, error('INVALID_ARGUMENT'), null, { kind: 'rejected', detail: '400 INVALID_ARGUMENT: m' }],
    ['UNREGISTERED is a dead token', 404, error('NOT_FOUND', fcmError('UNREGISTERED')), null, { kind: 'bad-address', detail: '404 UNREGISTERED: m' }],
    ['404 without FcmError is a wrong project, and no token dies of it', 404, error('NOT_FOUND'), null, { kind: 'misconfigured', scope: 'provider', detail: '404 NOT_FOUND: m' }],
    ['404 in HTML likewise', 404, '<html>', null, { kind: 'misconfigured', scope: 'provider', detail: '404 : ' }],
    ['SENDER_ID_MISMATCH ends the message, and the token may be right for another sender', 403, error('PERMISSION_DENIED', fcmError('SENDER_ID_MISMATCH')), null, { kind: 'rejected', detail: '403 SENDER_ID_MISMATCH: m' }],
    ['403 without FcmError is the account', 403, error('PERMISSION_DENIED'), null, { kind: 'misconfigured', scope: 'provider', detail: '403 PERMISSION_DENIED: m' }],
    ['401 without FcmError is the account', 401, error('UNAUTHENTICATED'), null, { kind: 'misconfigured', scope: 'provider', detail: '401 UNAUTHENTICATED: m' }],
    ['a bad APNs key concerns iOS devices only', 401, error('UNAUTHENTICATED', fcmError('THIRD_PARTY_AUTH_ERROR')), null, { kind: 'misconfigured', scope: 'some-addresses', detail: '401 THIRD_PARTY_AUTH_ERROR: m' }],
    ['QUOTA_EXCEEDED waits as long as it says', 429, error('RESOURCE_EXHAUSTED', fcmError('QUOTA_EXCEEDED')), '7', { kind: 'throttled', retryAfterMs: 7_000 }],
    ['429 without FcmError waits a minute when it says nothing', 429, error('RESOURCE_EXHAUSTED', errorInfo), null, { kind: 'throttled', retryAfterMs: 60_000 }],
    ['Retry-After may be a date', 429, '', 'Mon, 02 Mar 2026 12:00:30 GMT', { kind: 'throttled', retryAfterMs: 30_000 }],
    ['503 UNAVAILABLE waits as long as it says', 503, error('UNAVAILABLE', fcmError('UNAVAILABLE')), '3', { kind: 'unavailable', retryAfterMs: 3_000, detail: '503 UNAVAILABLE: m' }],
    ['500 INTERNAL says nothing', 500, error('INTERNAL', fcmError('INTERNAL')), null, { kind: 'unavailable', retryAfterMs: null, detail: '500 INTERNAL: m' }],
    ['504 leaves open whether FCM has it', 504, '', null, { kind: 'unknown', detail: '504 : ' }],
  ])('%s', (_sentence, status, body, retryAfter, expected) => {
    expect(toResult({ status, body, retryAfter }, now)).toEqual(expected);
  });
});
