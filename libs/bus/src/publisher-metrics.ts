import { metrics } from '@opentelemetry/api';
import type { Outgoing } from './publisher.js';

/** What a publisher measures. */
export interface PublisherMetrics {
  published(messages: readonly Outgoing[], seconds: number): void;
}

/** Bounds of every duration that the bus measures, in seconds. */
export const secondsBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Made when the publisher is, because a meter that was asked for too early measures nothing for ever. */
export function publisherMetrics(): PublisherMetrics {
  const meter = metrics.getMeter('@tidings/bus');
  const seconds = meter.createHistogram('tidings_publish_seconds', {
    description: 'From publish to the acknowledgement of the last of its messages.',
    advice: { explicitBucketBoundaries: [...secondsBuckets] },
  });
  const records = meter.createCounter('tidings_published_records_total', {
    description: 'Messages acknowledged, by topic.',
  });
  return {
    published: (messages, duration) => {
      seconds.record(duration);
      for (const [topic, count] of countByTopic(messages)) records.add(count, { topic });
    },
  };
}

function countByTopic(messages: readonly Outgoing[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { topic } of messages) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return counts;
}
