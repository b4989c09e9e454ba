import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { WebhookSignature } from '@tidings/contracts';
import { verifyWebhook } from './webhook-signature.js';

const now = new Date('2026-03-02T10:00:00.000Z');
const seconds = (offset: number) => String(now.getTime() / 1000 + offset);
const body = Buffer.from('{"total":12}');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text);

// The example of the Standard Webhooks specification.
const whsec = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const key = Buffer.from(whsec.slice(6), 'base64');
const standard: WebhookSignature = { scheme: 'standard-webhooks', sealedSecrets: ['x'] };
const signed = (time: string, id = 'msg_1') => ({
  'webhook-id': id,
  'webhook-timestamp': time,
  'webhook-signature': `v1,AAAA v1,${hmac(key, `${id}.${time}.${body.toString()}`).digest('base64')}`,
});

const secret = 'it is a secret of the sender';
const plain: WebhookSignature = { scheme: 'hmac-sha256', header: 'X-Hub-Signature-256', prefix: 'sha256=', idHeader: 'X-Delivery', sealedSecrets: ['x'] };
const timed: WebhookSignature = { scheme: 'hmac-sha256', header: 'x-signature', encoding: 'base64', timestampHeader: 'x-time', toleranceSeconds: 60, sealedSecrets: ['x'] };
const digest = hmac(secret, body.toString()).digest('hex');
const timedHeaders = (time: string) => ({ 'x-time': time, 'x-signature': hmac(secret, `${time}.${body.toString()}`).digest('base64') });

describe('a webhook is the sender\'s', () => {
  it.each<[string, WebhookSignature, readonly string[], Record<string, string>, string | RegExp]>([
    ['by Standard Webhooks, one of whose signatures is right', standard, [whsec], signed(seconds(0)), 'msg_1'],
    ['by the second of two secrets, while they are rotated', standard, ['whsec_AAAA', whsec], signed(seconds(-299)), 'msg_1'],
    ['by a header over the body, with the sender\'s id', plain, [secret], { 'x-hub-signature-256': `sha256=${digest}`, 'x-delivery': 'd1' }, 'd1'],
    ['by a header over the body, known again by its bytes', plain, [secret], { 'x-hub-signature-256': `sha256=${digest}` }, /^[0-9a-f]{64}$/],
    ['by a header over time and body', timed, [secret], timedHeaders(seconds(59)), /^[0-9a-f]{64}$/],
  ])('%s', (_name, signature, secrets, headers, id) => {
    const answer = verifyWebhook(signature, secrets, { headers, body }, now);
    expect(answer).toMatchObject({ ok: true, id: typeof id === 'string' ? id : expect.stringMatching(id) });
  });

  it.each<[string, WebhookSignature, readonly string[], Record<string, string>, string]>([
    ['without its headers', standard, [whsec], {}, 'unsigned'],
    ['signed with another secret', standard, ['whsec_AAAA'], signed(seconds(0)), 'wrong'],
    ['when no secret could be opened', standard, [], signed(seconds(0)), 'wrong'],
    ['sent again after the window', standard, [whsec], signed(seconds(-301)), 'stale'],
    ['from a future that no clock explains', standard, [whsec], signed(seconds(301)), 'stale'],
    ['with a time that is none', standard, [whsec], signed('1e9'), 'stale'],
    ['with the time of another call', standard, [whsec], { ...signed(seconds(0)), 'webhook-timestamp': seconds(1) }, 'wrong'],
    ['with the id of another call', standard, [whsec], { ...signed(seconds(0)), 'webhook-id': 'msg_2' }, 'wrong'],
    ['without the prefix', plain, [secret], { 'x-hub-signature-256': digest }, 'unsigned'],
    ['with a digest cut short', plain, [secret], { 'x-hub-signature-256': `sha256=${digest.slice(0, 32)}` }, 'wrong'],
    ['with an empty digest', plain, [secret], { 'x-hub-signature-256': 'sha256=' }, 'wrong'],
    ['without the time that is signed', timed, [secret], { 'x-signature': timedHeaders(seconds(0))['x-signature'] }, 'unsigned'],
    ['outside of its own window', timed, [secret], timedHeaders(seconds(-61)), 'stale'],
  ])('and is not %s', (_name, signature, secrets, headers, reason) => {
    expect(verifyWebhook(signature, secrets, { headers, body }, now)).toEqual({ ok: false, reason });
  });

  it('and is not with another body', () => {
    expect(verifyWebhook(standard, [whsec], { headers: signed(seconds(0)), body: Buffer.from('{}') }, now)).toEqual({ ok: false, reason: 'wrong' });
  });
});
