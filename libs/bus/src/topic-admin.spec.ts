import { describe, expect, it } from '@jest/globals';
import { allTopics, deadLetters, definitions, events, inbound } from '@tidings/contracts';
import { topicConfig } from './topic-admin.js';

const config = (topic: (typeof allTopics)[number], replicationFactor = 1): Record<string, unknown> => {
  const { configEntries = [], ...rest } = topicConfig(topic, { partitions: 6, replicationFactor }, 'tidings.');
  return { ...rest, ...Object.fromEntries(configEntries.map(({ name, value }) => [name, value])) };
};
const DAY = 86_400_000;

describe('topicConfig', () => {
  it('makes a topic that forgets by age', () => {
    expect(config(events)).toEqual({
      topic: 'tidings.events', numPartitions: 6, replicationFactor: 1, 'cleanup.policy': 'delete', 'retention.ms': String(27 * DAY), 'segment.ms': String(DAY), 'max.message.bytes': '1048576', 'min.insync.replicas': '1',
    }); // prettier-ignore
  });

  it('makes a state topic of one partition, whose tombstones outlive a week offline', () => {
    expect(config(definitions)).toMatchObject({
      numPartitions: 1,
      'cleanup.policy': 'compact',
      'delete.retention.ms': String(7 * DAY),
    });
    expect(config(definitions)).not.toHaveProperty('retention.ms');
  });

  it('leaves a dead letter room for its headers', () => {
    expect(config(deadLetters)['max.message.bytes']).toBe('2097152');
  });

  it('has the broker unpack what customers packed, where customers write', () => {
    expect(allTopics.filter((topic) => 'compression.type' in config(topic))).toEqual([inbound]);
  });

  it('asks for two durable copies where there are three', () => {
    expect(config(events, 3)['min.insync.replicas']).toBe('2');
  });
});
