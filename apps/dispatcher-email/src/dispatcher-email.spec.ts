import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { InfrastructureError } from '@tidings/bus';
import { recalls, sandboxMessages, type DefinitionRecord, type SendRecalled, type SendRequested } from '@tidings/contracts';
import type { DispatchConfig } from '@tidings/dispatch';
import { Catalog, Pollers, readTrackingToken } from '@tidings/service';
import {
  DispatchWorld, fromNow, providerRecord, recordingPublisher, startSendgridSimulator, startSmtpSimulator, templateRecord, testDatabase, testMasterKey, workspaceRecord,
  type RecordingPublisher, type SendgridSimulator, type SmtpSimulator, type TestDatabase,
} from '@tidings/testing'; // prettier-ignore
import { dispatcherEmailSchema } from './dispatcher-email.module.js';
import { EmailDispatcher } from './email.dispatcher.js';

const config: DispatchConfig = {
  MASTER_KEY: testMasterKey, PUBLIC_URL: 'https://tidings.example/', PROVIDER_CONCURRENCY: 64, MAX_ATTEMPTS: 3, AT_MOST_ONCE_LANES: '', SOFT_BOUNCE_LIMIT: 3, RETRY_POLL_MS: 1_000,
}; // prettier-ignore
const content = {
  subject: 'Hi {{ profile.name }}',
  html: '<body><p>Hi {{ profile.name }}</p><a href="https://shop.example/?a=1&amp;b=2">Shop</a> <a href="{{ unsubscribe_url }}">Stop</a></body>',
};

let db: TestDatabase;
let publisher: RecordingPublisher;
let world: DispatchWorld;
let sendgrid: SendgridSimulator;
let smtp: SmtpSimulator;
const begun: EmailDispatcher[] = [];

beforeAll(async () => {
  db = await testDatabase([dispatcherEmailSchema]);
});
afterAll(() => db.drop());

beforeEach(async () => {
  publisher = recordingPublisher();
  world = new DispatchWorld('email', db, publisher);
  await world.clear();
  [sendgrid, smtp] = await Promise.all([startSendgridSimulator(), startSmtpSimulator()]);
});
afterEach(async () => {
  await Promise.all(begun.splice(0).map((one) => one.onApplicationShutdown()));
  await Promise.all([sendgrid.stop(), smtp.stop()]);
});

/** A process of its own, which sends through this account. */
function begin(account: DefinitionRecord | null): EmailDispatcher {
  const records = [workspaceRecord('demo'), templateRecord('hello', { email: content }), ...(account ? [account] : [])];
  const dispatcher = new EmailDispatcher(config, { database: db.database, publisher, catalog: Catalog.of(records), pollers: new Pollers() });
  begun.push(dispatcher);
  return dispatcher;
}

const sendgridAccount = (credentials: unknown = { apiKey: 'SG.simulated' }): DefinitionRecord =>
  providerRecord({ channel: 'email', kind: 'sendgrid', settings: { baseUrl: sendgrid.url, from: 'Shop <shop@shop.example>' }, credentials });
const smtpAccount = (settings: Record<string, string | number> = {}, credentials: unknown = { user: 'tidings', password: 'tidings' }): DefinitionRecord =>
  providerRecord({ channel: 'email', kind: 'smtp', settings: { host: '127.0.0.1', port: smtp.port, from: 'shop@shop.example', ...settings }, credentials });
const messageIdHeader = ({ messageId }: SendRequested): string => `<${messageId}@tidings.example>`;

const found = (text: string | undefined, pattern: RegExp): string => pattern.exec(text ?? '')?.[1] ?? '';

/** The first mail that SendGrid was asked to send; it must be the only reference to us that it holds. */
function sentMail() {
  const [mail] = sendgrid.mails();
  if (!mail) throw new Error('SendGrid was not asked to send anything');
  const { subject, from, personalizations, content: parts, headers = {}, custom_args: { mid = '', ...others } = {} } = mail;
  expect(others).toEqual({});
  const part = (wanted: string): string | undefined => parts.find(({ type }) => type === wanted)?.value;
  return { subject, from, to: personalizations[0]?.to, headers, mid, html: part('text/html'), text: part('text/plain') };
}

describe('a decided e-mail', () => {
  it('goes through SendGrid with tracked links, one-click unsubscribing, and nothing of ours but an opaque reference', async () => {
    const message = world.send('ada@shop.example');
    await begin(sendgridAccount()).dispatcher.handle(await world.batch([message]));
    const { headers, html, text, mid, ...mail } = sentMail();
    expect(mail).toEqual({ subject: 'Hi Ada', from: { email: 'shop@shop.example', name: 'Shop' }, to: [{ email: 'ada@shop.example' }] });
    expect(headers).toMatchObject({ 'Message-ID': messageIdHeader(message), 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
    const about = { w: 'demo', p: message.profileId, m: message.messageId, c: 'email', j: 'welcome', s: 'push', d: message.dueAt };
    expect(readTrackingToken(testMasterKey, 'receipt', mid)).toEqual({ ...about, a: expect.stringMatching(/^[\w-]{43}$/) });
    expect(readTrackingToken(testMasterKey, 'click', found(html, /\/l\/([\w-]+)/))).toEqual({ ...about, u: 'https://shop.example/?a=1&b=2' });
    expect(readTrackingToken(testMasterKey, 'open', found(html, /\/o\/([\w-]+)\.gif/))).toEqual(about);
    const unsubscribe = found(headers['List-Unsubscribe'], /^<https:\/\/tidings\.example\/u\/([\w-]+)>$/);
    expect(readTrackingToken(testMasterKey, 'unsubscribe', unsubscribe)).toEqual(about);
    expect(html).toContain(`href="https://tidings.example/u/${unsubscribe}"`);
    expect(text).toMatch(/^Hi Ada\n\nShop \(https:\/\/shop\.example\/\?a=1&b=2\) Stop/);
    expect(await world.row(message)).toMatchObject({ state: 'sent', attempt: 1 });
  });

  it('that is transactional cannot be unsubscribed from by header', async () => {
    const message = world.send('ada@shop.example', { lane: 'transactional' });
    await begin(sendgridAccount()).dispatcher.handle(await world.batch([message], 'transactional'));
    expect(Object.keys(sendgrid.mails()[0]?.headers ?? {})).toEqual(['Message-ID']);
  });

  it('goes through a mail server, signed with the headers that one-click unsubscribing needs signed', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
    const account = smtpAccount({ dkimDomain: 'shop.example', dkimSelector: 's1' }, { user: 'tidings', password: 'tidings', dkimPrivateKey: privateKey });
    const message = world.send('ada@shop.example');
    await begin(account).dispatcher.handle(await world.batch([message]));
    expect(smtp.accepted()).toMatchObject([{ messageId: message.messageId, sameAs: messageIdHeader(message), to: 'ada@shop.example' }]);
    const [mail] = smtp.mails();
    expect(mail).toMatch(/^Subject: Hi Ada\r$/m);
    expect(mail?.replace(/\r\n\s+/g, '')).toMatch(/DKIM-Signature:.*h=[^;]*list-unsubscribe:\s*list-unsubscribe-post/i);
  });

  it('goes to the sandbox where there is no provider', async () => {
    const message = world.send('ada@shop.example');
    await begin(null).dispatcher.handle(await world.batch([message]));
    expect(publisher.published(sandboxMessages)).toMatchObject([{ to: 'ada@shop.example', content: { subject: 'Hi Ada' } }]);
  });
});

describe('a mail server', () => {
  it.each([
    ['unknown-user@shop.example', { state: 'failed', reason: 'bad-address' }, 1],
    ['policy@shop.example', { state: 'failed', reason: 'rejected' }, 0],
    ['greylisted@shop.example', { state: 'retry', reason: 'busy', attempt: 1 }, 0],
    ['shutdown@shop.example', { state: 'retry', reason: 'unavailable', attempt: 0 }, 0],
  ])('that answers %s is understood', async (to, expected, suppressed) => {
    const message = world.send(to);
    await begin(smtpAccount()).dispatcher.handle(await world.batch([message]));
    expect(await world.row(message)).toMatchObject(expected);
    expect(await db.rows('select 1 from dispatcher_email.suppression')).toHaveLength(suppressed);
  });

  it('that takes a mail and breaks off leaves it in doubt; one that was never there does not', async () => {
    const [lost, never] = [world.send('accept-and-hang@shop.example'), world.send('ada@shop.example')];
    const dispatcher = begin(smtpAccount());
    const sending = dispatcher.dispatcher.handle(await world.batch([lost]));
    while (smtp.accepted().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await smtp.stop();
    await sending;
    expect(await world.row(lost)).toMatchObject({ state: 'retry', attempt: 1, prior_ambiguous: true, reason: 'no-answer' });
    await dispatcher.dispatcher.handle(await world.batch([never]));
    expect(await world.row(never)).toMatchObject({ state: 'retry', attempt: 0, prior_ambiguous: false, reason: 'unavailable' });
    smtp = await startSmtpSimulator();
  });

  it('that does not know our password stops the lane and costs no attempt', async () => {
    const message = world.send('ada@shop.example');
    await begin(smtpAccount({}, { user: 'tidings', password: 'wrong' })).dispatcher.handle(await world.batch([message]));
    expect(await world.row(message)).toMatchObject({ state: 'retry', attempt: 0, reason: 'misconfigured' });
  });
});

describe('an address', () => {
  const caller = { workspace: 'demo', keyId: 'key-1', scopes: ['admin'] } as const;
  const about = (mail: SendRequested, reason: SendRecalled['reason'], hash: string, at = fromNow(0)): SendRecalled => ({
    v: 1, workspace: 'demo', profileId: mail.profileId, runId: null, channel: 'email', reason, at, address: hash, messageId: mail.messageId,
  }); // prettier-ignore
  const report = async (dispatcher: EmailDispatcher, recall: SendRecalled) => dispatcher.recalls.keep(await world.batchOn(recalls, [recall]));

  /** The hash that SendGrid was given with the message, as its reports bring it back. */
  const hashOf = () => readTrackingToken(testMasterKey, 'receipt', sentMail().mid)?.a ?? '';

  it.each(['hard_bounce', 'complaint', 'invalid'] as const)('is sent nothing more after a report of %s, to whomever it belongs', async (reason) => {
    const dispatcher = begin(sendgridAccount());
    const [first, next] = [world.send('ada@shop.example'), world.send('Ada@shop.example', { profileId: 'somebody else', messageId: randomUUID() })];
    await dispatcher.dispatcher.handle(await world.batch([first]));
    await report(dispatcher, about(first, reason, hashOf()));
    await dispatcher.dispatcher.handle(await world.batch([next]));
    expect([world.told(next), sendgrid.calls()]).toEqual([['withheld suppressed 0'], 1]);
    expect((await dispatcher.suppressionDesk.page('demo', {})).items).toMatchObject([{ reason, actor: 'report', note: null }]);
    expect((await dispatcher.suppressionDesk.page('other', {})).items).toEqual([]);
  });

  it('is sent to until as many messages have bounced softly as the setting says, each counted once', async () => {
    const dispatcher = begin(sendgridAccount());
    const mails = Array.from({ length: 4 }, () => world.send('ada@shop.example'));
    const states: unknown[] = [];
    for (const mail of mails) {
      await dispatcher.dispatcher.handle(await world.batch([mail]));
      states.push(world.told(mail)[0]);
      const hash = readTrackingToken(testMasterKey, 'receipt', sendgrid.mails()[0]?.custom_args?.['mid'] ?? '')?.a ?? '';
      for (let again = 0; again < 3; again += 1) await report(dispatcher, about(mail, 'soft_bounce', hash));
    }
    expect(states).toEqual(['sent accepted 1', 'sent accepted 1', 'sent accepted 1', 'withheld suppressed 0']);
  });

  it.each([['mailbox-full@shop.example', 'busy'], ['mailbox-over-quota@shop.example', 'rejected']])('of %s is suppressed after three messages', async (to, reason) => {
    const dispatcher = begin(smtpAccount());
    const mails = Array.from({ length: 4 }, () => world.send(to));
    for (const mail of mails) await dispatcher.dispatcher.handle(await world.batch([mail]));
    expect(await Promise.all(mails.map(async (mail) => (await world.row(mail))?.reason))).toEqual([reason, reason, reason, 'suppressed']);
    expect((await dispatcher.suppressionDesk.lookUp('demo', { address: to })).reason).toBe('soft_bounce');
    // Tried again, a message still counts once, and what waits is withheld as well.
    await world.makeRetriesDue();
    await dispatcher.dispatcher.retryDue('triggered', new AbortController().signal);
    expect(await db.rows('select 1 from dispatcher_email.soft_bounce')).toHaveLength(3);
  });

  it('that softly bounced a month ago has nothing held against it', async () => {
    const dispatcher = begin(sendgridAccount());
    for (let days = 31; days < 36; days += 1) await report(dispatcher, about(world.send('x'), 'soft_bounce', 'hash-1', fromNow(-days * 86_400_000)));
    await report(dispatcher, about(world.send('x'), 'soft_bounce', 'hash-1'));
    expect((await dispatcher.suppressionDesk.page('demo', {})).items).toEqual([]);
    await dispatcher.recalls.forgetOld(['demo']);
  });

  it('is suppressed and lifted by hand, with who and why, and a report from before does not bring it back', async () => {
    const dispatcher = begin(sendgridAccount());
    const desk = dispatcher.suppressionDesk;
    const [first, next] = [world.send('ada@shop.example'), world.send('ada@shop.example')];
    const added = await desk.add(caller, { address: ' ADA@shop.example', note: 'asked by telephone' });
    expect(added).toMatchObject({ reason: 'manual', actor: 'key-1', note: 'asked by telephone' });
    expect(await desk.add(caller, { address: 'ada@shop.example', reason: 'complaint' })).toEqual(added);
    await dispatcher.dispatcher.handle(await world.batch([first]));
    expect(world.told(first)).toEqual(['withheld suppressed 0']);
    const before = fromNow(-1);
    await desk.lift(caller, added.id, { note: 'asked again' });
    await report(dispatcher, about(first, 'hard_bounce', added.id, before));
    await dispatcher.dispatcher.handle(await world.batch([next]));
    expect(world.told(next)).toEqual(['sent accepted 1']);
    expect((await desk.history('demo', added.id)).items).toMatchObject([{ action: 'lifted', note: 'asked again' }, { action: 'suppressed', reason: 'manual' }]);
    expect(await desk.record('demo', { address: 'Ada@shop.example' })).toMatchObject({ suppressed: null, changes: [{ action: 'lifted' }, { action: 'suppressed' }], softBounces: [] });
    expect(await desk.record('other', { address: 'ada@shop.example' })).toEqual({ suppressed: null, changes: [], softBounces: [] });
    await report(dispatcher, about(first, 'hard_bounce', added.id, fromNow(60_000)));
    expect((await desk.record('demo', { address: 'ada@shop.example' })).suppressed).toMatchObject({ id: added.id, reason: 'hard_bounce' });
    expect((await desk.lookUp('demo', { address: 'ada@shop.example' })).reason).toBe('hard_bounce');
  });

  it.each([
    ['nothing', undefined, 'the body'], ['no address', {}, 'address'], ['an empty one', { address: '' }, 'address'], ['a reason of their own', { address: 'a', reason: 'x' }, 'reason'],
    ['a long note', { address: 'a', note: 'x'.repeat(201) }, 'note'], ['more', { address: 'a', profile: 'b' }, 'profile'],
  ])('is not suppressed by a body with %s', async (_what, body, place) => {
    await expect(begin(sendgridAccount()).suppressionDesk.add(caller, body)).rejects.toThrow(place);
  });

  it('that nobody suppressed is not found', async () => {
    const desk = begin(sendgridAccount()).suppressionDesk;
    await expect(desk.lookUp('demo', { address: 'ada@shop.example' })).rejects.toMatchObject({ status: 404 });
    await expect(desk.lift(caller, 'x', undefined)).rejects.toMatchObject({ status: 404 });
    await expect(desk.history('demo', 'x')).rejects.toMatchObject({ status: 404 });
  });
});

describe('SendGrid', () => {
  it('that says 429 is left alone until its window ends', async () => {
    sendgrid.behave({ answer: 'rate-limited', retryAfterSeconds: 60 });
    const message = world.send('ada@shop.example');
    const dispatcher = begin(sendgridAccount());
    await dispatcher.dispatcher.handle(await world.batch([message]));
    expect(await world.row(message)).toMatchObject({ state: 'retry', attempt: 0, reason: 'throttled' });
    expect((await world.row(message))?.wait_s).toBeGreaterThan(55);
    await world.makeRetriesDue();
    expect(await dispatcher.dispatcher.retryDue('triggered', new AbortController().signal)).toBe(false);
    expect(sendgrid.calls()).toBe(1);
  });

  it('that was called before a crash gets the same Message-ID again', async () => {
    const message = world.send('ada@shop.example');
    const unrecorded = await world.batch([message]);
    publisher.failWith();
    await expect(begin(sendgridAccount()).dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    publisher.failWith(null);
    await begin(sendgridAccount()).dispatcher.handle(unrecorded);
    expect(sendgrid.accepted().map(({ sameAs }) => sameAs)).toEqual([messageIdHeader(message), messageIdHeader(message)]);
    expect(world.told(message)).toEqual(['ambiguous interrupted 1', 'sent accepted 2']);
  });

  it('suppresses an address that is none, whatever its case', async () => {
    const dispatcher = begin(sendgridAccount());
    await dispatcher.dispatcher.handle(await world.batch([world.send('bad-address@shop.example')]));
    const again = world.send('Bad-Address@Shop.example');
    await dispatcher.dispatcher.handle(await world.batch([again]));
    expect(world.told(again)).toEqual(['withheld suppressed 0']);
    expect(sendgrid.calls()).toBe(1);
  });
});
