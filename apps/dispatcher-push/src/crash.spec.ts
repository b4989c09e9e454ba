import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InfrastructureError, PartitionLost } from '@tidings/bus';
import type { DefinitionRecord } from '@tidings/contracts';
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

const account = (workspace = 'demo', credentials: unknown = fcm.serviceAccount()): DefinitionRecord =>
  providerRecord({ channel: 'push', kind: 'fcm', settings: { baseUrl: fcm.url }, credentials }, workspace);

const retry = (dispatcher = push): Promise<boolean> => dispatcher.dispatcher.retryDue('triggered', new AbortController().signal);

describe('a crash between the call and its record', () => {
  it('costs one repetition that devices recognise, marked as ambiguous', async () => {
    const [lost, other] = [world.send('token-1'), world.send('token-2')];
    const unrecorded = await world.batch([lost, other]);
    publisher.failWith();
    await expect(push.dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    publisher.failWith(null);
    await begin().dispatcher.handle(unrecorded);
    const calls = fcm.accepted().filter(({ messageId }) => messageId === lost.messageId);
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map(({ sameAs }) => sameAs)).size).toBe(1);
    expect(await world.row(lost)).toMatchObject({ state: 'sent', attempt: 2, prior_ambiguous: true });
    expect(world.told(lost)).toEqual(['ambiguous interrupted 1', 'sent accepted 2']);
  });

  it('is none while the process lives: the batch tried again does not call again', async () => {
    const message = world.send('token-1');
    const unrecorded = await world.batch([message]);
    publisher.failWith();
    await expect(push.dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    publisher.failWith(null);
    await push.dispatcher.handle(unrecorded);
    expect(fcm.accepted()).toHaveLength(1);
    expect(await world.row(message)).toMatchObject({ state: 'sent', attempt: 1, prior_ambiguous: false });
    expect(world.told(message)).toEqual(['sent accepted 1']);
  });

  it('leaves a message of an at-most-once lane alone', async () => {
    const message = world.send('token-1', { lane: 'transactional' });
    const unrecorded = await world.batch([message], 'transactional');
    publisher.failWith();
    await expect(push.dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    publisher.failWith(null);
    await begin({ AT_MOST_ONCE_LANES: 'transactional' }).dispatcher.handle(unrecorded);
    expect(fcm.accepted()).toHaveLength(1);
    expect(await world.row(message)).toMatchObject({ state: 'ambiguous', attempt: 1, reason: 'interrupted' });
    expect(world.told(message)).toEqual(['ambiguous interrupted 1']);
  });

  it('of a retry is found when its lease has run out', async () => {
    fcm.behave({ answer: 'unavailable', times: 1 });
    const message = world.send('token-1');
    await push.dispatcher.handle(await world.batch([message]));
    await world.makeRetriesDue();
    publisher.failWith();
    await expect(retry()).rejects.toThrow(InfrastructureError);
    publisher.failWith(null);
    const next = begin();
    await retry(next);
    expect(fcm.accepted()).toHaveLength(1);
    await world.makeRetriesDue();
    await retry(next);
    expect(fcm.accepted()).toHaveLength(2);
    expect(await world.row(message)).toMatchObject({ state: 'sent', prior_ambiguous: true });
  });

  it('is recorded by a zombie as far as it called: the new owner of the partition sends nothing twice', async () => {
    const message = world.send('token-1');
    const taken = await world.batch([message]);
    await db.rows('update dispatcher_push.kafka_position set next_offset = 99');
    await expect(push.dispatcher.handle(taken)).rejects.toThrow(PartitionLost);
    expect(await world.row(message)).toMatchObject({ state: 'sent' });
    await db.rows('update dispatcher_push.kafka_position set next_offset = 0');
    await begin().dispatcher.handle(taken);
    expect(fcm.accepted()).toHaveLength(1);
  });
});
