import { describe, expect, it } from '@jest/globals';
import type { SendResult } from '@tidings/dispatch';
import { toResult, type SendgridResponse } from './to-result.js';

const now = 1_772_452_800_000;
const field = (name: string | null): SendgridResponse['errors'] => [{ message: 'm', field: name }];

type Row = [sentence: string, status: number, headers: SendgridResponse['headers'], errors: SendgridResponse['errors'], expected: SendResult];

describe('what SendGrid answers', () => {
  it.each<Row>([
    ['202 is accepted, under its id', 202, { 'x-message-id': 'sg-1', 'x-ratelimit-remaining': '5' }, [], { kind: 'accepted', providerId: 'sg-1' }],
    ['the last of a window is accepted, and a pause', 202, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 9) }, [], { kind: 'accepted', providerId: null, pauseMs: 9_000 }],
    ['an address that is none', 400, {}, field('personalizations.0.to.0.email'), { kind: 'bad-address', detail: '400: personalizations.0.to.0.email: m' }],
    ['an address and more: the message is at fault', 400, {}, [...field('personalizations.0.to.0.email'), ...field('subject')], { kind: 'rejected', detail: '400: personalizations.0.to.0.email: m; subject: m' }],
    ['another field', 400, {}, field('subject'), { kind: 'rejected', detail: '400: subject: m' }],
    ['400 without errors', 400, {}, [], { kind: 'rejected', detail: '400: ' }],
    ['a bad key', 401, {}, field(null), { kind: 'misconfigured', detail: '401: m', scope: 'provider' }],
    ['a sender that is not verified', 403, {}, field('from'), { kind: 'misconfigured', detail: '403: from: m', scope: 'provider' }],
    ['a wrong base URL', 404, {}, [], { kind: 'misconfigured', detail: '404: ', scope: 'provider' }],
    ['too large', 413, {}, field(null), { kind: 'rejected', detail: '413: m' }],
    ['429 until the window ends', 429, { 'x-ratelimit-reset': String(now / 1000 + 7) }, [], { kind: 'throttled', retryAfterMs: 7_000 }],
    ['429 with Retry-After', 429, { 'retry-after': '3' }, [], { kind: 'throttled', retryAfterMs: 3_000 }],
    ['429 that says nothing', 429, {}, [], { kind: 'throttled', retryAfterMs: 60_000 }],
    ['500', 500, {}, [], { kind: 'unavailable', retryAfterMs: null, detail: '500: ' }],
    ['503 with Retry-After', 503, { 'retry-after': '2' }, [], { kind: 'unavailable', retryAfterMs: 2_000, detail: '503: ' }],
    ['504 leaves open whether SendGrid has it', 504, {}, [], { kind: 'unknown', detail: '504: ' }],
  ])('%s', (_sentence, status, headers, errors, expected) => {
    expect(toResult({ status, headers, errors }, now)).toEqual(expected);
  });
});
