import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deliveryEvents, recalls, sandboxMessages, type DefinitionRecord, type SendRecalled } from '@tidings/contracts';
import type { DispatchConfig } from '@tidings/dispatch';
import { Catalog, Pollers } from '@tidings/service';
import {
  DispatchWorld, fromNow, providerRecord, recordingPublisher, startFcmSimulator, templateRecord, testDatabase, testMasterKey, workspaceRecord,
  type FcmSimulator, type RecordingPublisher, type TestDatabase,
} from '@tidings/testing'; // prettier-ignore
import { dispatcherPushSchema } from './dispatcher-push.module.js';
import { PushDispatcher } from './push.dispatcher.js';

const config: DispatchConfig = {
  MASTER_KEY: testMasterKey, PUBLIC_URL: 'https://tidings.example', PROVIDER_CONCURRENCY: 64, MAX_ATTEMPTS: 3, AT_MOST_ONCE_LANES: '', RETRY_POLL_MS: 1_000,
}; // prettier-ignore

let db: TestDatabase;
let fcm: FcmSimulator;
let publisher: RecordingPublisher;
let world: DispatchWorld;
let records: DefinitionRecord[];
let push: PushDispatcher;
const begun: PushDispatcher[] = [];

beforeAll(async () => {
  db = await testDatabase([dispatcherPushSchema]);
});
afterAll(() => db.drop());

beforeEach(async () => {
  fcm = await startFcmSimulator();
  publisher = recordingPublisher();
  world = new DispatchWorld('push', db, publisher);
  await world.clear();
  records = [workspaceRecord('demo'), templateRecord('hello', { push: { title: 'Hi {{ profile.name }}', body: 'x' } }), account()];
  push = begin();
});
afterEach(async () => {
  await Promise.all(begun.splice(0).map((one) => one.onApplicationShutdown()));
  await fcm.stop();
});

/** A process of its own: nothing that another held in memory. */
function begin(overrides: Partial<DispatchConfig> = {}, catalog = Catalog.of(records)): PushDispatcher {
  const dispatcher = new PushDispatcher({ ...config, ...overrides }, { database: db.database, publisher, catalog, pollers: new Pollers() });
  begun.push(dispatcher);
  return dispatcher;
}

const account = (workspace = 'demo', credentials: unknown = fcm.serviceAccount()): DefinitionRecord =>
  providerRecord({ channel: 'push', kind: 'fcm', settings: { baseUrl: fcm.url }, credentials }, workspace);

const retry = (dispatcher = push): Promise<boolean> => dispatcher.dispatcher.retryDue('triggered', new AbortController().signal);

async function recall(what: Pick<SendRecalled, 'runId' | 'channel' | 'reason'>): Promise<void> {
  const message: SendRecalled = { v: 1, workspace: 'demo', profileId: 'profile of token-1', ...what, at: fromNow(0) };
  await push.recalls.keep(await world.batchOn(recalls, [message]));
}

describe('a decided push', () => {
  it('is sent once, recorded and told, however often it is asked for', async () => {
    const message = world.send('token-1');
    const first = await world.batch([message]);
    await push.dispatcher.handle(first);
    await push.dispatcher.handle(await world.batch([message, message]));
    expect(fcm.accepted().map(({ messageId, sameAs, to }) => ({ messageId, sameAs, to }))).toEqual([
      { messageId: message.messageId, sameAs: `${message.messageId} ${message.messageId}`, to: 'token-1' },
    ]);
    expect(await world.row(message)).toMatchObject({ state: 'sent', attempt: 1, prior_ambiguous: false, request: null, provider_message_id: `projects/demo/messages/${message.messageId}` });
    expect(world.told(message)).toEqual(['sent accepted 1']);
  });

  it('goes to each device of the recipient, and each is told by itself', async () => {
    const message = world.send('a', { endpoints: [{ id: 'a', address: 'token-a' }, { id: 'b', address: 'unregistered:b' }] });
    await push.dispatcher.handle(await world.batch([message]));
    expect(fcm.accepted().map(({ to }) => to)).toEqual(['token-a']);
    expect(world.told(message).toSorted()).toEqual(['failed bad-address 1', 'sent accepted 1']);
    expect(publisher.published(deliveryEvents)[0]).toMatchObject({ endpoints: 2, journey: message.journey, dueAt: message.dueAt });
  });

  it('goes to the sandbox where there is no provider', async () => {
    records = records.filter(({ kind }) => kind !== 'provider');
    const message = world.send('token-1');
    await begin().dispatcher.handle(await world.batch([message]));
    expect(publisher.published(sandboxMessages)).toMatchObject([{ messageId: message.messageId, to: 'token-1', content: { title: 'Hi Ada', body: 'x' }, journey: 'welcome', step: 'push' }]);
    expect(await world.row(message)).toMatchObject({ state: 'sent' });
  });

  it('in hundreds costs a handful of statements and is sent in order for each profile', async () => {
    const messages = Array.from({ length: 250 }, (_, index) => world.send(`token-${String(index)}`, { profileId: `p${String(index % 50)}` }));
    await push.dispatcher.handle(await world.batch(messages));
    expect(new Set(fcm.accepted().map(({ messageId }) => messageId)).size).toBe(250);
    for (let profile = 0; profile < 50; profile += 1) {
      const asked = messages.filter(({ profileId }) => profileId === `p${String(profile)}`).map(({ messageId }) => messageId);
      expect(fcm.accepted().map(({ messageId }) => messageId).filter((id) => asked.includes(id))).toEqual(asked);
    }
  });
});

describe('the last look before a call', () => {
  it('withholds what was recalled after it was decided, and sends what became due later', async () => {
    const run = { id: 'cart', version: 1, runId: 'run-9', step: 'push' };
    const [exited, later, otherRun] = [world.send('token-1', { journey: run }), world.send('token-1', { journey: run, dueAt: fromNow(60_000) }), world.send('token-1')];
    await recall({ runId: 'run-9', channel: null, reason: 'exited' });
    await push.dispatcher.handle(await world.batch([exited, later, otherRun]));
    expect(world.told(exited)).toEqual(['withheld exited 0']);
    expect(fcm.accepted().map(({ messageId }) => messageId)).toEqual([later.messageId, otherRun.messageId]);
  });

  it('heeds a withdrawal of consent on its own channel only, also for retries', async () => {
    fcm.behave({ answer: 'unavailable', times: 1 });
    const message = world.send('token-1');
    await push.dispatcher.handle(await world.batch([message]));
    await recall({ runId: null, channel: 'email', reason: 'consent-withdrawn' });
    await recall({ runId: null, channel: 'push', reason: 'consent-withdrawn' });
    await world.makeRetriesDue();
    await retry();
    expect(fcm.accepted()).toEqual([]);
    expect(await world.row(message)).toMatchObject({ state: 'withheld', reason: 'consent-withdrawn', request: null });
  });

  it('never again calls for a token that is gone, under whatever device id', async () => {
    const gone = world.send('unregistered:1');
    await push.dispatcher.handle(await world.batch([gone]));
    expect(await world.row(gone)).toMatchObject({ state: 'failed', reason: 'bad-address', attempt: 1 });
    const again = world.send('unregistered:1', { endpoints: [{ id: 'tablet', address: 'unregistered:1' }] });
    await push.dispatcher.handle(await world.batch([again]));
    expect(fcm.calls()).toBe(1);
    expect(world.told(again)).toEqual(['withheld suppressed 0']);
    const kept = await db.rows<{ address_hash: string }>('select address_hash from dispatcher_push.suppression');
    expect(kept).toHaveLength(1);
    expect(kept[0]?.address_hash).not.toContain('unregistered');
  });

  it('lets nothing leave after its time', async () => {
    const late = world.send('token-1', { expiresAt: fromNow(-1) });
    fcm.behave({ answer: 'quota-exceeded', retryAfterSeconds: 60, times: 1 });
    const waits = world.send('token-2', { expiresAt: fromNow(30_000) });
    await push.dispatcher.handle(await world.batch([late, waits]));
    expect(world.told(late)).toEqual(['withheld expired 0']);
    expect((await world.row(waits))?.wait_s).toBeLessThan(31);
  });
});

describe('a template that is a bomb', () => {
  it('fails its own messages soon, and its neighbours go', async () => {
    const loops = '{% for i in (1..9999) %}{% for j in (1..9999) %}{{ i }}{% endfor %}{% endfor %}';
    records.push(templateRecord('bomb', { push: { title: 'x', body: loops } }));
    push = begin();
    const bombs = Array.from({ length: 50 }, (_, index) => world.send(`bomb-${String(index)}`, { template: { id: 'bomb', version: 1 } }));
    const neighbours = Array.from({ length: 50 }, (_, index) => world.send(`token-${String(index)}`));
    const began = performance.now();
    await push.dispatcher.handle(await world.batch([...bombs, ...neighbours]));
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(fcm.accepted()).toHaveLength(50);
    for (const bomb of bombs) expect(world.told(bomb)).toEqual(['failed render-failed 1']);
  });
});
