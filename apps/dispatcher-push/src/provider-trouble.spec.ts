import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError } from '@tidings/bus';
import type { DefinitionRecord, SendRequested } from '@tidings/contracts';
import type { DispatchConfig } from '@tidings/dispatch';
import { Catalog, Pollers } from '@tidings/service';
import {
  DispatchWorld, providerRecord, recordingPublisher, startFcmSimulator, templateRecord, testDatabase, testMasterKey, workspaceRecord,
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

const account = (workspace = 'demo', credentials: unknown = fcm.serviceAccount(), timeoutMs = 10_000): DefinitionRecord =>
  providerRecord({ channel: 'push', kind: 'fcm', settings: { baseUrl: fcm.url, timeoutMs }, credentials }, workspace);

const retry = (dispatcher = push): Promise<boolean> => dispatcher.dispatcher.retryDue('triggered', new AbortController().signal);

describe('a provider in trouble', () => {
  it('that says 429 is not called before Retry-After, costs no attempt, and the message goes then', async () => {
    fcm.behave({ answer: 'quota-exceeded', retryAfterSeconds: 1, times: 1 });
    const message = world.send('token-1');
    const began = performance.now();
    await push.dispatcher.handle(await world.batch([message]));
    expect(await world.row(message)).toMatchObject({ state: 'retry', attempt: 0, reason: 'throttled' });
    const waited = world.send('token-2');
    await push.dispatcher.handle(await world.batch([waited]));
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
    await world.makeRetriesDue();
    await retry();
    expect(fcm.calls()).toBe(3);
    expect(await world.row(message)).toMatchObject({ state: 'sent', attempt: 1, prior_ambiguous: false });
    expect(world.told(message)).toEqual(['delayed throttled 0', 'sent accepted 1']);
  });

  it('claims nothing while it waits, and lets go when told to', async () => {
    fcm.behave({ answer: 'quota-exceeded', retryAfterSeconds: 60, times: 1 });
    await push.dispatcher.handle(await world.batch([world.send('token-1')]));
    const message = world.send('token-2');
    const leaving = new AbortController();
    const waiting = push.dispatcher.handle(await world.batch([message], 'triggered', leaving.signal));
    leaving.abort();
    await expect(waiting).rejects.toThrow(InfrastructureError);
    expect(await world.row(message)).toBeUndefined();
    expect(await retry()).toBe(false);
    expect(fcm.calls()).toBe(1);
  });

  it('puts off the rest of the batch without calling, and holds up no other workspace', async () => {
    records.push(workspaceRecord('other'), templateRecord('hello', { push: { title: 'Hi', body: 'x' } }, 'other'), account('other'));
    push = begin({ PROVIDER_CONCURRENCY: 1 });
    const throttled = Array.from({ length: 20 }, (_, index) => world.send(index === 0 ? 'quota-exceeded:1' : `token-${String(index)}`));
    const others = Array.from({ length: 5 }, (_, index) => world.send(`other-${String(index)}`, { workspace: 'other' }));
    await push.dispatcher.handle(await world.batch([...throttled, ...others]));
    expect(fcm.accepted().map(({ to }) => to).toSorted()).toEqual(others.map(({ endpoints }) => endpoints[0]?.address));
    const states = await db.rows<{ state: string; attempt: number; count: number }>("select state, attempt, count(*)::int from dispatcher_push.ledger where workspace = 'demo' group by 1, 2");
    expect(states).toEqual([{ state: 'retry', attempt: 0, count: 20 }]);
  });

  it('that does not answer is asked again, as ambiguous, and given up after the last attempt', async () => {
    records = [...records.filter(({ kind }) => kind !== 'provider'), account('demo', fcm.serviceAccount(), 500)];
    push = begin();
    const message = world.send('accept-and-hang:1');
    await push.dispatcher.handle(await world.batch([message]));
    expect(await world.row(message)).toMatchObject({ state: 'retry', attempt: 1, prior_ambiguous: true, reason: 'no-answer' });
    for (let round = 0; round < 4; round += 1) {
      await world.makeRetriesDue();
      await retry();
    }
    expect(fcm.accepted()).toHaveLength(3);
    expect(await world.row(message)).toMatchObject({ state: 'failed', attempt: 3, reason: 'attempts-exhausted', request: null });
    expect(world.told(message)).toEqual(['ambiguous no-answer 1', 'ambiguous no-answer 2', 'failed attempts-exhausted 3']);
  });

  it('closes the gate on a wrong project, and no token is suppressed for it', async () => {
    const messages = [world.send('not-found:1'), world.send('not-found:2')];
    await push.dispatcher.handle(await world.batch(messages));
    expect(await world.row(messages[0] as SendRequested)).toMatchObject({ state: 'retry', attempt: 0, reason: 'misconfigured' });
    expect((await world.row(messages[0] as SendRequested))?.wait_s).toBeGreaterThan(25);
    expect(await db.rows('select 1 from dispatcher_push.suppression')).toEqual([]);
    await world.makeRetriesDue();
    expect(await retry()).toBe(false);
    expect(fcm.calls()).toBeLessThanOrEqual(2);
  });

  it('with credentials of another master key waits for a person, and goes on when it is mended', async () => {
    records = [workspaceRecord('demo'), templateRecord('hello', { push: { title: 'Hi', body: 'x' } }), account('demo', { project_id: 'demo' })];
    const catalog = Catalog.of(records);
    push = begin({}, catalog);
    const message = world.send('token-1');
    await push.dispatcher.handle(await world.batch([message]));
    expect(await world.row(message)).toMatchObject({ state: 'retry', attempt: 0, reason: 'misconfigured' });
    catalog.put({ ...account(), version: 2 });
    await world.makeRetriesDue();
    await retry();
    expect(await world.row(message)).toMatchObject({ state: 'sent', attempt: 1 });
  });

  it('loses no message when it tells its connections to go away', async () => {
    fcm.behave({ latencyMs: 5 });
    const messages = Array.from({ length: 200 }, (_, index) => world.send(`token-${String(index)}`));
    const sending = push.dispatcher.handle(await world.batch(messages));
    const interval = setInterval(() => fcm.goAway(), 10);
    await sending;
    clearInterval(interval);
    expect(new Set(fcm.accepted().map(({ messageId }) => messageId)).size).toBe(200);
    expect(await db.rows("select state, reason, detail, count(*)::int from dispatcher_push.ledger where state <> 'sent' group by 1,2,3")).toEqual([]);
  });
});
