import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CustomerTopics, KafkaPublisher, outgoing, rawOutgoing, TopicAdmin } from '@tidings/bus';
import { deadLetters, events, topic, type AcceptedEvent, type DefinitionRecord, type SourceDefinition } from '@tidings/contracts';
import { Catalog, Pollers, Shutdown } from '@tidings/service';
import { recordingPublisher, testKafka } from '@tidings/testing';
import Type from 'typebox';
import { specConfig } from '../app.fixture.js';
import { RedrivenRecords } from './redriven-records.js';
import { SourceIntake } from './source-intake.js';
import { SourceRunner } from './source-runner.js';
import { SourceClocks, SourceKafka } from './source-surroundings.js';
import { Sources, type Source } from './sources.js';
import { TopicRules } from './topic-rules.js';

jest.setTimeout(120_000);

const { settings } = testKafka();
const foreign = topic({ name: 'shop-orders', description: 'A customer\'s.', schema: Type.Unknown(), key: () => '' });
const name = settings.topicPrefix + foreign.name;
// Our own topics begin with another prefix here than the customer's topic, which the test broker gives a name of this test.
const config = { ...specConfig, KAFKA_TOPIC_PREFIX: 'ours.' };
const published = (body: SourceDefinition, change: Partial<DefinitionRecord> = {}) =>
  ({ v: 1, workspace: 'demo', kind: 'source', id: body.id, version: 1, status: 'published', publishedAt: '2026-01-01T00:00:00.000Z', body, ...change }) as DefinitionRecord;
const workspace: DefinitionRecord = { v: 1, workspace: 'demo', kind: 'workspace', id: 'demo', version: 1, status: 'published', publishedAt: '2026-01-01T00:00:00.000Z', body: { id: 'demo', consentModel: 'opt-out' } };
const orders = (event: string): SourceDefinition => ({ id: 'orders', kafka: { topic: name, from: 'earliest' }, map: { type: "'track'", userId: 'id', event: `'${event}'` } });

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a source of a topic', () => {
  const catalog = Catalog.of([workspace]);
  const sources = new Sources(catalog);
  const intake = new SourceIntake();
  const rules = new TopicRules({ config });
  const recorded = recordingPublisher();
  const shutdown = new Shutdown();
  let producer: KafkaPublisher;
  let topics: CustomerTopics;
  let runner: SourceRunner;

  beforeAll(async () => {
    await new TopicAdmin({ kafka: settings }).ensure([foreign], { partitions: 2, replicationFactor: 1 });
    producer = new KafkaPublisher({ kafka: settings });
    await producer.connect();
    topics = new CustomerTopics({ kafka: settings, publisher: recorded });
    const pollers = new Pollers();
    runner = new SourceRunner(sources, intake, new SourceKafka(topics, recorded), rules, new SourceClocks(pollers, shutdown));
    runner.onModuleInit();
  });
  afterAll(async () => {
    shutdown.begin();
    await runner.onApplicationShutdown();
    await producer.close();
  });

  const write = (...values: string[]) => producer.publish(values.map((value) => rawOutgoing({ topic: foreign.name, key: null, value })));
  const heard = () => recorded.published(events).map(({ profileId, name: event }) => `${profileId} ${event}`).toSorted();
  const source = () => sources.find('demo', 'orders') as Source;
  const lag = async () => {
    const partitions = await topics.lag({ group: 'source.demo.orders', topic: name, from: 'earliest' });
    return partitions.reduce((sum, each) => sum + each.lag, 0);
  };

  it('is read from when it is published, and a bad record holds up nothing', async () => {
    await write('{"id":"ann"}', 'nonsense', '{"id":"bob"}');
    catalog.put(published(orders('Placed')));
    await runner.reconcile();
    await eventually(() => heard().length === 2);
    expect(heard()).toEqual(['ann Placed', 'bob Placed']);
    await eventually(async () => (await lag()) === 0);
    expect(runner.stateOf(source())).toEqual({ state: 'reading' });
    expect(runner.countsOf(source())).toMatchObject({ records: 3, events: 2, refused: 1, lastError: { reason: 'the event is not valid JSON' } });
    const [letter] = recorded.outgoing.filter((message) => message.topic === deadLetters.name);
    expect(letter?.headers).toMatchObject({ 'source-topic': 'source:orders', workspace: 'demo', reason: 'the event is not valid JSON' });
  });

  it('maps by the mapping that is published now, without being read anew', async () => {
    recorded.clear();
    catalog.put(published(orders('Ordered')));
    await runner.reconcile();
    await write('{"id":"cy"}');
    await eventually(() => heard().length > 0);
    expect(heard()).toEqual(['cy Ordered']);
  });

  it('waits for a broker that does not take its events, and loses none', async () => {
    recorded.clear();
    recorded.failWith();
    await write('{"id":"dee"}');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await lag()).toBe(1);
    recorded.failWith(null);
    await eventually(() => heard().length > 0);
    expect(heard()).toEqual(['dee Ordered']);
  });

  it('is read no more when it is archived, and goes on where it was when it is published again', async () => {
    recorded.clear();
    catalog.put(published(orders('Ordered'), { status: 'archived' }));
    await runner.reconcile();
    await write('{"id":"eve"}');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(heard()).toEqual([]);
    catalog.put(published(orders('Again')));
    await runner.reconcile();
    await eventually(() => heard().length > 0);
    expect(heard()).toEqual(['eve Again']);
  });

  it('that is not there fails alone, and says why', async () => {
    catalog.put(published({ id: 'missing', kafka: { topic: `${name}-missing` }, map: "{ 'type': 'page' }" }));
    await runner.reconcile();
    const missing = () => runner.stateOf(sources.find('demo', 'missing') as Source);
    await eventually(() => missing().state === 'failed');
    expect(missing()).toEqual({ state: 'failed', reason: `there is no topic ${name}-missing` });
    expect(runner.stateOf(source())).toEqual({ state: 'reading' });
  });

  it('takes its dead letters back through the mapping as it is now', async () => {
    const redriven = new RedrivenRecords(sources, intake, { config });
    const letter = outgoing(events, recorded.published(events)[0] as AcceptedEvent);
    const record = { ...letter, topic: 'inbound', partition: 0, offset: 9, timestamp: new Date(), value: Buffer.from('{"id":"fay"}'), headers: { 'tidings-source': 'orders', 'tidings-source-at': '2026-03-02T10:00:00.000Z' } };
    const taken = await redriven.take([record], new AbortController().signal);
    expect(taken?.messages.map(({ value }) => JSON.parse(String(value)) as object)).toMatchObject([{ profileId: 'fay', name: 'Again', timestamp: '2026-03-02T10:00:00.000Z' }]);
    expect(await redriven.take([{ ...record, headers: {} }], new AbortController().signal)).toBeNull();
  });
});
