import { metrics } from '@opentelemetry/api';
import type { ConsumerHealth } from './health.js';
import { secondsBuckets } from './publisher-metrics.js';

/** What consumers measure; labels are the group and the topic, nothing of messages. */
export interface ConsumerMetrics {
  batch(group: string, messages: number, seconds: number): void;
  deadLetters(group: string, topic: string, letters: number): void;
  rebalanced(group: string): void;
}

const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Made when the strategy is, because a meter that was asked for too early measures nothing for ever. */
export function consumerMetrics(read: () => readonly ConsumerHealth[]): ConsumerMetrics {
  const meter = metrics.getMeter('@tidings/bus');
  const advice = { explicitBucketBoundaries: [...secondsBuckets] };
  const size = meter.createHistogram('tidings_batch_size', {
    description: 'Messages handed to a handler at once.',
    advice: { explicitBucketBoundaries: batchBuckets },
  });
  const seconds = meter.createHistogram('tidings_handler_seconds', {
    description: 'How long a handler took for a batch, waits included.',
    advice,
  });
  const letters = meter.createCounter('tidings_dead_letters_total', { description: 'Messages set aside.' });
  const rebalances = meter.createCounter('tidings_rebalance_total', {
    description: 'Times a consumer joined its group.',
  });
  const lag = meter.createObservableGauge('tidings_consumer_lag', {
    description: 'Messages waiting, of the partitions this process owns.',
  });
  const lagSeconds = meter.createObservableGauge('tidings_consumer_lag_seconds', {
    description: 'Age of the oldest message that is not done.',
  });
  lag.addCallback((result) => {
    for (const { group, topic, messages } of lagByTopic(read())) result.observe(messages, { group, topic });
  });
  lagSeconds.addCallback((result) => {
    for (const { group, topic, oldestSeconds } of lagByTopic(read())) result.observe(oldestSeconds, { group, topic });
  });
  return {
    batch: (group, messages, duration) => {
      size.record(messages, { group });
      seconds.record(duration, { group });
    },
    deadLetters: (group, topic, count) => {
      letters.add(count, { group, topic });
    },
    rebalanced: (group) => {
      rebalances.add(1, { group });
    },
  };
}

interface Lag {
  readonly group: string;
  readonly topic: string;
  readonly messages: number;
  readonly oldestSeconds: number;
}

/** Of each consumer and topic: all that waits, and the oldest of it. */
function lagByTopic(consumers: readonly ConsumerHealth[]): readonly Lag[] {
  const now = Date.now();
  return consumers.flatMap(({ group, topics, partitions }) =>
    topics.map((topic) => {
      const own = partitions.filter((partition) => partition.topic === topic);
      const ages = own.map(({ oldestAt }) => (oldestAt === null ? 0 : (now - oldestAt.getTime()) / 1000));
      return {
        group,
        topic,
        messages: own.reduce((sum, { lag }) => sum + lag, 0),
        oldestSeconds: Math.max(0, ...ages),
      };
    }),
  );
}
