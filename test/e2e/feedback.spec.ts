import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startFcmSimulator, startSendgridSimulator, type FcmSimulator, type SendgridSimulator } from '@tidings/testing';
import { tidings } from '../harness/command-line.js';
import { eventually } from '../harness/eventually.js';
import { Installation } from '../harness/installation.js';

interface Decision {
  readonly channel: string;
  readonly state: string;
  readonly outcomes: readonly { readonly kind: string; readonly reason: string }[];
}
interface Suppression {
  readonly id: string;
  readonly reason: string;
}

describe('what providers say of addresses', () => {
  let here: Installation;
  let fcm: FcmSimulator;
  let sendgrid: SendgridSimulator;
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  beforeAll(async () => {
    [here, fcm, sendgrid] = await Promise.all([Installation.start({ form: 'standalone' }), startFcmSimulator(), startSendgridSimulator()]);
    const applied = await tidings(here, ['apply', 'examples/shop']);
    if (applied.code !== 0) throw new Error(applied.stderr + here.logs());
    const webhookPublicKey = key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    await here.api('PUT', '/api/v1/providers/mail', { channel: 'email', kind: 'sendgrid', settings: { baseUrl: sendgrid.url, from: 'shop@shop.example', webhookPublicKey }, credentials: { apiKey: 'SG.x' } });
    await here.api('PUT', '/api/v1/providers/phones', { channel: 'push', kind: 'fcm', settings: { baseUrl: fcm.url }, credentials: fcm.serviceAccount() });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([here.stop(), fcm.stop(), sendgrid.stop()]);
  }, 60_000);

  async function signUp(userId: string, context: object = {}): Promise<void> {
    await here.segment('identify', { userId, traits: { email: 'ann@example.com', first_name: 'Ann' }, context });
    await here.segment('track', { userId, event: 'Signed Up' });
  }

  async function report(event: object): Promise<number> {
    const body = JSON.stringify([event]);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign('sha256', Buffer.from(timestamp + body), { key: key.privateKey, dsaEncoding: 'der' }).toString('base64');
    const headers = { 'x-twilio-email-event-webhook-signature': signature, 'x-twilio-email-event-webhook-timestamp': timestamp };
    return (await fetch(here.urlOf('/hooks/sendgrid/mail'), { method: 'POST', headers, body })).status;
  }

  const decisionOf = async (profile: string, channel: string): Promise<Decision | undefined> =>
    (await here.api<{ items: Decision[] }>('GET', `/api/v1/decisions?profile=${profile}`)).items.find((decision) => decision.channel === channel);
  const lookUp = () => here.api<Suppression>('POST', '/api/v1/suppressions/email/lookup', { address: 'Ann@example.com' });

  it('takes a dead token from its device', async () => {
    await signUp('ann', { device: { id: 'phone', type: 'android', token: 'unregistered:1' } });
    await eventually(async () => {
      expect((await here.api<{ devices: unknown }>('GET', '/api/v1/profiles/ann')).devices).toMatchObject([{ id: 'phone', token: null }]);
      expect(await decisionOf('ann', 'push')).toMatchObject({ state: 'failed', outcomes: [{ kind: 'failed', reason: 'bad-address' }] });
    });
  });

  it('sends nothing more to a mailbox that bounced, whoever it belongs to, until somebody lifts that', async () => {
    const mail = await eventually(() => {
      const [sent] = sendgrid.mails();
      if (!sent) throw new Error('nothing was sent');
      return sent;
    });
    expect(await report({ event: 'bounce', type: 'bounce', status: '5.1.1', sg_event_id: 'e-1', timestamp: Math.floor(Date.now() / 1000), mid: mail.custom_args?.['mid'] })).toBe(200);
    const suppression = await eventually(async () => {
      const found = await lookUp();
      expect(found).toMatchObject({ reason: 'hard_bounce', actor: 'report' });
      return found;
    });
    await signUp('bea');
    await eventually(async () => expect(await decisionOf('bea', 'email')).toMatchObject({ state: 'withheld', outcomes: [{ kind: 'withheld', reason: 'suppressed' }] }));
    expect((await here.api<{ items: Suppression[] }>('GET', '/api/v1/suppressions/email')).items).toEqual([suppression]);
    await here.api('DELETE', `/api/v1/suppressions/email/${suppression.id}`, { note: 'a new mailbox' });
    await signUp('cleo');
    await eventually(async () => expect(await decisionOf('cleo', 'email')).toMatchObject({ state: 'sent' }));
    await expect(lookUp()).rejects.toThrow('404');
  });

  it('takes a complaint for the end of consent, and of the address', async () => {
    const mid = sendgrid.mails().at(-1)?.custom_args?.['mid'];
    expect(await report({ event: 'spamreport', sg_event_id: 'e-2', timestamp: Math.floor(Date.now() / 1000), mid })).toBe(200);
    await eventually(async () => {
      expect(await lookUp()).toMatchObject({ reason: 'complaint' });
      expect(await here.api('GET', '/api/v1/profiles/cleo')).toMatchObject({ consent: { email: false } });
    });
  });
});
