import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DefinitionRecord, Lane, SendRequested } from '@tidings/contracts';
import type { DispatchConfig } from '@tidings/dispatch';
import { Catalog, Pollers } from '@tidings/service';
import {
  DispatchWorld, providerRecord, recordingPublisher, startSendgridSimulator, startSmtpSimulator, templateRecord, testDatabase, testMasterKey, workspaceRecord,
  type SendgridSimulator, type SmtpSimulator, type TestDatabase,
} from '@tidings/testing'; // prettier-ignore
import { dispatcherEmailSchema } from './dispatcher-email.module.js';
import { EmailDispatcher } from './email.dispatcher.js';

const config: DispatchConfig = {
  MASTER_KEY: testMasterKey, PUBLIC_URL: 'https://tidings.example/', PROVIDER_CONCURRENCY: 64, MAX_ATTEMPTS: 3, AT_MOST_ONCE_LANES: 'transactional', SOFT_BOUNCE_LIMIT: 3, RETRY_POLL_MS: 1_000,
}; // prettier-ignore

let db: TestDatabase;
let world: DispatchWorld;
let sendgrid: SendgridSimulator;
let smtp: SmtpSimulator;
let email: EmailDispatcher;

beforeAll(async () => {
  db = await testDatabase([dispatcherEmailSchema]);
});
afterAll(() => db.drop());

beforeEach(async () => {
  const publisher = recordingPublisher();
  world = new DispatchWorld('email', db, publisher);
  await world.clear();
  [sendgrid, smtp] = await Promise.all([startSendgridSimulator(), startSmtpSimulator()]);
  const catalog = Catalog.of([workspaceRecord('demo'), templateRecord('hello', { email: { subject: 'Hi', html: '<p>Hi</p>' } }), ...accounts()]);
  email = new EmailDispatcher(config, { database: db.database, publisher, catalog, pollers: new Pollers() });
});
afterEach(async () => {
  await email.dispatcher.settle();
  await email.onApplicationShutdown();
  await Promise.all([sendgrid.stop(), smtp.stop()]);
});

/** Preferred by its number, although its id comes later. */
const accounts = (): DefinitionRecord[] => [
  providerRecord({ channel: 'email', kind: 'sendgrid', priority: 1, settings: { baseUrl: sendgrid.url, timeoutMs: 500 }, credentials: { apiKey: 'SG.simulated' } }),
  providerRecord({ channel: 'email', kind: 'smtp', priority: 2, settings: { host: '127.0.0.1', port: smtp.port }, credentials: { user: 'tidings', password: 'tidings' } }),
];

const mailsTo = (count: number, lane: Lane = 'triggered') => Array.from({ length: count }, (_, index) => world.send(`ada-${String(index)}@shop.example`, { lane }));
const handle = async (messages: readonly SendRequested[], lane: Lane = 'triggered') => email.dispatcher.handle(await world.batch(messages, lane));
const retry = async () => {
  await world.makeRetriesDue();
  await email.dispatcher.retryDue('triggered', new AbortController().signal);
};
const statesOf = (messages: readonly SendRequested[]) => Promise.all(messages.map(async (message) => (await world.row(message))?.state));
const sent = () => ({ sendgrid: sendgrid.accepted().length, smtp: smtp.accepted().length });

describe('two accounts for one channel', () => {
  it('leave everything to the preferred one while it is well', async () => {
    await handle(mailsTo(5));
    expect(sent()).toEqual({ sendgrid: 5, smtp: 0 });
  });

  it.each(['rate-limited', 'unavailable', 'unauthorized'])('have the next take over while the preferred one says it is %s, and each mail goes once', async (answer) => {
    sendgrid.behave({ answer, retryAfterSeconds: 60 });
    const messages = mailsTo(20);
    await handle(messages);
    const waits = (await Promise.all(messages.map((message) => world.row(message)))).map((row) => row?.wait_s ?? 0);
    expect(Math.max(...waits)).toBeLessThan(1);
    await retry();
    expect(await statesOf(messages)).toEqual(messages.map(() => 'sent'));
    const next = mailsTo(3);
    await handle(next);
    expect(sent()).toEqual({ sendgrid: 0, smtp: 23 });
    expect(new Set(smtp.accepted().map(({ messageId }) => messageId)).size).toBe(23);
    expect((await Promise.all(messages.map((message) => world.row(message)))).map((row) => row?.attempt)).toEqual(messages.map(() => 1));
  });

  it('go back to the preferred one when it is well again, by a few calls first', async () => {
    sendgrid.behave({ answer: 'rate-limited', retryAfterSeconds: 1, times: 1 });
    const first = mailsTo(1);
    await handle(first);
    await retry();
    expect(sent()).toEqual({ sendgrid: 0, smtp: 1 });
    // SendGrid says when its window ends by the second of the clock.
    await sleep(2_050);
    await handle(mailsTo(10));
    expect(sent()).toEqual({ sendgrid: 1, smtp: 10 });
    for (let round = 0; round < 7; round += 1) await handle(mailsTo(70));
    const before = sent();
    await handle(mailsTo(10));
    expect(sent()).toEqual({ sendgrid: before.sendgrid + 10, smtp: before.smtp });
  });

  it('have the next send what may be there already, with the same Message-ID, in a lane that allows it', async () => {
    const messages = mailsTo(6);
    sendgrid.behave({ answer: 'accept-and-hang' });
    await handle(messages);
    expect(await statesOf(messages)).toEqual(messages.map(() => 'retry'));
    await retry();
    expect(sent()).toEqual({ sendgrid: 6, smtp: 6 });
    const ids = (accepted: readonly { readonly sameAs: string }[]) => accepted.map(({ sameAs }) => sameAs).toSorted();
    expect(ids(smtp.accepted())).toEqual(ids(sendgrid.accepted()));
    expect(world.told(messages[0] ?? world.send(''))).toEqual(['ambiguous no-answer 1', 'sent accepted 2']);
  });

  it('never have the next send what may be there already, in a lane that does not', async () => {
    const messages = mailsTo(6, 'transactional');
    sendgrid.behave({ answer: 'accept-and-hang' });
    await handle(messages, 'transactional');
    await world.makeRetriesDue();
    await email.dispatcher.retryDue('transactional', new AbortController().signal);
    expect([await statesOf(messages), sent()]).toEqual([messages.map(() => 'ambiguous'), { sendgrid: 6, smtp: 0 }]);
    // What certainly did not go may go by the next one.
    const refused = mailsTo(2, 'transactional');
    sendgrid.behave({ answer: null });
    await handle(refused, 'transactional');
    expect([await statesOf(refused), sent()]).toEqual([['sent', 'sent'], { sendgrid: 6, smtp: 2 }]);
  });

  it('leave a batch in Kafka while both are in trouble', async () => {
    sendgrid.behave({ answer: 'rate-limited', retryAfterSeconds: 60 });
    const messages = [world.send('shutdown@shop.example'), ...mailsTo(1)];
    smtp.behave({ answer: 'shutdown' });
    await handle(messages);
    for (let round = 0; round < 6; round += 1) await retry();
    const leaving = new AbortController();
    const waiting = email.dispatcher.handle(await world.batch(mailsTo(1), 'triggered', leaving.signal));
    await sleep(50);
    leaving.abort();
    await expect(waiting).rejects.toThrow('stopped while waiting');
    expect(sent()).toEqual({ sendgrid: 0, smtp: 0 });
  });
});
