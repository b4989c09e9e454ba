import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Analytics } from '@segment/analytics-node';
import type { AnalyticsFact } from '@tidings/contracts';
import { tidings } from '../harness/command-line.js';
import { eventually } from '../harness/eventually.js';
import { Installation, type Form } from '../harness/installation.js';
import { KafkaPeer } from '../harness/kafka-peer.js';
import { OtlpReceiver } from '../harness/otlp-receiver.js';

interface Shown {
  readonly messageId: string;
  readonly profileId: string;
  readonly channel: string;
  readonly to: string;
  readonly journey: string;
  readonly step: string;
  readonly content: Readonly<Record<string, string>>;
}
interface Decision {
  readonly state: string;
  readonly rule: string;
  readonly channel: string;
  readonly step: string;
  readonly journeyVersion: number;
}

const device = { device: { id: 'phone', type: 'android', token: 'token-of-the-phone' } };

describe.each<[string, Form, number]>([
  ['one process', 'standalone', 1],
  ['every service as processes of its own, two of each', 'services', 2],
])('from an event to a message, in %s', (_name, form, replicas) => {
  let tidingsHere: Installation;
  let kafka: KafkaPeer;
  let folder: string;
  const collector = new OtlpReceiver();

  beforeAll(async () => {
    // The example as it stands, only with waits that a test can sit through.
    folder = mkdtempSync(join(tmpdir(), 'shop-'));
    cpSync('examples/shop', folder, { recursive: true });
    writeFileSync(join(folder, 'tidings.yaml'), 'variables: { cart_wait: 2s, cart_email_wait: 1s }\n');
    const collectorUrl = await collector.start();
    tidingsHere = await Installation.start({ form, replicas, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl, OTEL_BSP_SCHEDULE_DELAY: '200' } });
    kafka = new KafkaPeer(tidingsHere.kafkaBrokers, tidingsHere.topicPrefix);
    const applied = await tidings(tidingsHere, ['apply', folder]);
    if (applied.code !== 0) throw new Error(applied.stderr + tidingsHere.logs());
  }, 240_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (process.env['SHOW_LOGS']) process.stdout.write(tidingsHere.logs());
    const endings = await tidingsHere.stop();
    collector.stop();
    expect([...endings.values()]).toEqual([...endings.values()].map(() => ({ code: 0, signal: null })));
  }, 60_000);

  const messagesTo = async (profile: string): Promise<Shown[]> =>
    (await tidingsHere.api<{ items: Shown[] }>('GET', `/api/v1/sandbox/messages?profile=${profile}`)).items;
  const decisionsOf = async (profile: string, journey: string): Promise<Decision[]> =>
    (await tidingsHere.api<{ items: Decision[] }>('GET', `/api/v1/decisions?profile=${profile}&journey=${journey}`)).items;
  const accepted = async (call: string, body: unknown) => {
    const answer = await tidingsHere.segment(call, body);
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
  };

  it('welcomes somebody who signed up through a stock Segment library', async () => {
    const analytics = new Analytics({ writeKey: tidingsHere.writeKey, host: tidingsHere.urlOf('/v1/').replace('/v1/', ''), flushAt: 2 });
    analytics.identify({ userId: 'ann', traits: { email: 'ann@example.com', first_name: 'Ann' }, context: device });
    analytics.track({ userId: 'ann', event: 'Signed Up' });
    await analytics.closeAndFlush();

    const messages = await eventually(async () => {
      const found = await messagesTo('ann');
      expect(found.map(({ channel }) => channel).toSorted()).toEqual(['email', 'push']);
      return found;
    });
    expect(messages.find(({ channel }) => channel === 'email')).toMatchObject({ to: 'ann@example.com', journey: 'welcome', profileId: 'ann' });
    expect(messages.find(({ channel }) => channel === 'push')?.to).toBe('token-of-the-phone');
    expect(JSON.stringify(messages.map(({ content }) => content))).toContain('Ann');
  });

  it('withholds by rule, and says so', async () => {
    await accepted('identify', { userId: 'bob', traits: { email: 'bob@example.com' }, context: { consent: { categoryPreferences: { email: false } } } });
    await accepted('track', { userId: 'bob', event: 'Signed Up' });
    const decisions = await eventually(async () => {
      const found = await decisionsOf('bob', 'welcome');
      expect(found).toHaveLength(2);
      return found;
    });
    expect(new Map(decisions.map(({ channel, rule }) => [channel, rule]))).toEqual(new Map([['email', 'no-consent'], ['push', 'no-address']]));
    expect(await messagesTo('bob')).toEqual([]);
    const why = await tidings(tidingsHere, ['why', 'bob', 'welcome']);
    // Each service answers its own paths; the command line needs them on one address, as an ingress gives.
    if (form === 'standalone') expect(why.stdout).toContain('no-consent');
  });

  it('reminds of a cart that was left, by push and then by e-mail, and not of one that was ordered', async () => {
    await accepted('identify', { userId: 'cleo', traits: { email: 'cleo@example.com' }, context: device });
    for (const cart of ['left', 'ordered']) await accepted('track', { userId: 'cleo', event: 'Product Added', properties: { cart_id: cart } });
    await accepted('track', { userId: 'cleo', event: 'Order Completed', properties: { cart_id: 'ordered' } });
    const messages = await eventually(async () => {
      const found = await messagesTo('cleo');
      expect(found.map(({ channel }) => channel)).toEqual(['email', 'push']);
      return found;
    });
    expect(new Set(messages.map(({ journey }) => journey))).toEqual(new Set(['abandoned-cart']));
  });

  it('takes events from Kafka in three forms, knows a repetition through the other door, and sets bad ones aside', async () => {
    const cloudEvent = { specversion: '1.0', id: 'ce-1', source: 'shop', type: 'Signed Up', subject: 'dora', time: new Date().toISOString(), data: {} };
    await accepted('identify', { userId: 'dora', traits: { email: 'dora@example.com' } });
    await accepted('identify', { userId: 'eve', traits: { email: 'eve@example.com' } });
    await accepted('identify', { userId: 'fay', traits: { email: 'fay@example.com' } });
    await accepted('track', { userId: 'eve', event: 'Signed Up', messageId: 'the-same' });
    await kafka.write('inbound', [
      { value: 'this is no JSON' },
      { value: null },
      { value: JSON.stringify({ type: 'track', userId: 'eve' }) },
      { value: JSON.stringify(cloudEvent), headers: { 'content-type': 'application/cloudevents+json' } },
      { value: JSON.stringify({ type: 'track', userId: 'eve', event: 'Signed Up', messageId: 'the-same' }) },
      {
        value: '{}',
        headers: { 'content-type': 'application/json', ce_specversion: '1.0', ce_id: 'ce-2', ce_source: 'shop', ce_type: 'Signed Up', ce_subject: 'fay', ce_time: new Date().toISOString() },
      },
    ]);
    await eventually(async () => {
      for (const profile of ['dora', 'eve', 'fay']) expect((await messagesTo(profile)).map(({ journey }) => journey)).toEqual(['welcome']);
    });
    const letters = await eventually(async () => {
      const { items } = await tidingsHere.api<{ items: { reason: string; sourceTopic: string }[] }>('GET', '/api/v1/dead-letters');
      expect(items.filter(({ sourceTopic }) => sourceTopic === 'inbound')).toHaveLength(3);
      return items;
    });
    expect(letters.map(({ reason }) => reason).join(' ')).toContain('event');
    await eventually(async () => {
      const runs = await decisionsOf('eve', 'welcome');
      expect(runs.filter(({ channel }) => channel === 'email')).toHaveLength(1);
    });
  });

  it('follows a journey that is published while it runs, and leaves runs in flight on their version', async () => {
    const hello = (atMost: string) => ({
      id: 'hello',
      entry: [{ api: true }],
      steps: [
        { id: 'wait', waitFor: { event: 'Go', atMost } },
        { id: 'send', message: { email: { template: 'welcome' } } },
      ],
    });
    await accepted('identify', { userId: 'gil', traits: { email: 'gil@example.com' } });
    await tidingsHere.api('POST', '/api/v1/definitions/apply', { journeys: [hello('1h')] });
    const begin = (profileId: string) => tidingsHere.api('POST', '/api/v1/journeys/hello/runs', { profileId });
    await eventually(() => begin('gil'));
    await eventually(async () => {
      const { items } = await tidingsHere.api<{ items: unknown[] }>('GET', '/api/v1/profiles/gil/runs');
      expect(items).toMatchObject([{ journey: 'hello', version: 1, step: 'wait' }]);
    });
    await tidingsHere.api('POST', '/api/v1/definitions/apply', { journeys: [hello('2h')] });
    await accepted('identify', { userId: 'hal', traits: { email: 'hal@example.com' } });
    await eventually(async () => {
      await begin('hal');
      const { items } = await tidingsHere.api<{ items: unknown[] }>('GET', '/api/v1/profiles/hal/runs');
      expect(items).toMatchObject([{ version: 2 }]);
    });
    for (const userId of ['gil', 'hal']) await accepted('track', { userId, event: 'Go' });
    const versions = await eventually(async () => {
      const found = [...(await decisionsOf('gil', 'hello')), ...(await decisionsOf('hal', 'hello'))];
      expect(found).toHaveLength(2);
      return found.map(({ journeyVersion }) => journeyVersion);
    });
    expect(versions).toEqual([1, 2]);
  });

  it('puts a profile into a segment at once', async () => {
    await accepted('identify', { userId: 'ida', traits: { plan: 'premium', email: 'ida@example.com' } });
    const started = Date.now();
    await eventually(async () => {
      const profile = await tidingsHere.api<{ segments: string[] }>('GET', '/api/v1/profiles/ida');
      expect(profile.segments).toContain('premium');
    });
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it('accounts for every message, and tells analysts the same', async () => {
    const facts = await eventually(async () => {
      const sums = await tidingsHere.api<Record<string, number>>('GET', '/api/v1/analytics/reconciliation');
      expect(sums).toMatchObject({ difference: 0, inFlight: 0 });
      expect(sums['accepted']).toBeGreaterThan(5);
      const heard = (await kafka.readAll('analytics.facts')).map(({ value }) => JSON.parse(value) as AnalyticsFact);
      const distinct = [...new Map(heard.map((fact) => [fact.factId, fact])).values()];
      const count = (kind: string) => distinct.filter(({ fact }) => fact === kind).length;
      expect([count('message.sent'), count('message.withheld'), count('message.failed')]).toEqual([sums['sent'], sums['withheld'], sums['failed']]);
      return heard;
    });
    expect(JSON.stringify(facts)).not.toContain('@example.com');
  });

  it('shows one trace from the call to the provider', async () => {
    const needed = ['ingest', 'segmentation', 'orchestrator', 'dispatcher-push'];
    await eventually(() => {
      const traces = [...Map.groupBy(collector.spans, ({ traceId }) => traceId).values()];
      const whole = traces.find((spans) => spans.some(({ name }) => name.startsWith('send ')) && spans.some(({ name }) => name.startsWith('POST')));
      expect(whole).toBeDefined();
      const services = new Set(whole?.map(({ service }) => service));
      if (form === 'services') for (const service of needed) expect(services).toContain(service);
      const ids = new Set(whole?.map(({ spanId }) => spanId));
      const roots = whole?.filter(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId)) ?? [];
      expect(roots.map(({ name }) => name)).toEqual([expect.stringMatching(/^POST /)]);
    });
    expect(JSON.stringify(collector.spans)).not.toContain('@example.com');
  });
});
