import { afterEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Analytics } from '@segment/analytics-node';
import { InfrastructureError, Publisher, type Outgoing } from '@tidings/bus';
import { events } from '@tidings/contracts';
import { recordingPublisher } from '@tidings/testing';
import { keys, startApp } from '../app.fixture.js';

let app: NestFastifyApplication | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

async function start(publisher: Publisher): Promise<string> {
  const started = await startApp({ publisher });
  app = started.app;
  return started.url;
}

interface Heard {
  readonly failures: unknown[];
  readonly statuses: number[];
}

function client(host: string, writeKey: string): { analytics: Analytics; heard: Heard } {
  const heard: Heard = { failures: [], statuses: [] };
  const analytics = new Analytics({ writeKey, host, flushInterval: 20, maxRetries: 3 });
  analytics.on('error', (failure) => heard.failures.push(failure));
  analytics.on('http_response', ({ status }) => heard.statuses.push(status));
  return { analytics, heard };
}

/** Refuses the first calls as a broker that is away, then records. */
class Recovering extends Publisher {
  readonly recorded = recordingPublisher();
  constructor(private refusals: number) {
    super();
  }

  override publish(messages: readonly Outgoing[]): Promise<void> {
    if (this.refusals-- > 0) return Promise.reject(new InfrastructureError('the broker does not answer'));
    return this.recorded.publish(messages);
  }
}

describe('@segment/analytics-node with only its host changed', () => {
  it('delivers every call it has', async () => {
    const publisher = recordingPublisher();
    const { analytics, heard } = client(await start(publisher), keys.write.text);
    analytics.identify({ userId: 'ann', traits: { email: 'ann@example.com' } });
    analytics.track({
      userId: 'ann',
      event: 'Product Added',
      properties: { cart_id: 'c1' },
      context: { device: { id: 'd1', type: 'ios', token: 't1' } },
    });
    analytics.page({ anonymousId: 'x1', name: 'Cart' });
    analytics.screen({ userId: 'ann', name: 'Home' });
    analytics.group({ userId: 'ann', groupId: 'g1', traits: { plan: 'pro' } });
    analytics.alias({ userId: 'ann', previousId: 'x1' });
    await analytics.closeAndFlush();

    expect(heard.failures).toEqual([]);
    expect(new Set(heard.statuses)).toEqual(new Set([200]));
    const accepted = publisher.published(events);
    expect(accepted.map(({ type, profileId }) => `${type} ${profileId}`).sort()).toEqual(
      ['alias ann', 'group ann', 'identify ann', 'page anonymous:x1', 'screen ann', 'track ann'].sort(),
    );
    expect(accepted.find(({ type }) => type === 'track')).toMatchObject({
      name: 'Product Added',
      properties: { cart_id: 'c1' },
      context: { device: { id: 'd1', type: 'ios', token: 't1' } },
    });
    expect(new Set(accepted.map(({ messageId }) => messageId)).size).toBe(6);
  });

  it('tries again after 503 and delivers once', async () => {
    const publisher = new Recovering(1);
    const { analytics, heard } = client(await start(publisher), keys.write.text);
    analytics.track({ userId: 'ann', event: 'Product Added' });
    await analytics.closeAndFlush({ timeout: 10_000 });
    expect(heard).toEqual({ failures: [], statuses: [503, 200] });
    expect(publisher.recorded.published(events)).toHaveLength(1);
  });

  it('is told at once that its key is not in force', async () => {
    const { analytics, heard } = client(await start(recordingPublisher()), keys.unknown.text);
    analytics.track({ userId: 'ann', event: 'Product Added' });
    await analytics.closeAndFlush();
    expect(heard.statuses).toEqual([401]);
    expect(heard.failures).toHaveLength(1);
  });
});
