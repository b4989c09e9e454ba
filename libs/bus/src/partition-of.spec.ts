import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { partitionOf } from './partition-of.js';

const javas = kafkajs.Partitioners.DefaultPartitioner();

describe('partitionOf', () => {
  it('chooses as Java’s producer does, for any key', () => {
    const keys = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1_200 }), fc.string({ minLength: 1 }));
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 100 }), (key, partitions) => {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
          partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [],
        })); // prettier-ignore
        expect(partitionOf(key, partitions)).toBe(javas({ topic: 't', partitionMetadata, message: { key, value: '' } }));
      }),
      { numRuns: 1_000 },
    );
  });
});
