import type { ConsumerConfig } from 'kafkajs';
import type { Consumption } from './consumes.js';

/** What a consumer asks of the broker with each fetch. */
export type FetchSettings = Required<Pick<ConsumerConfig, 'minBytes' | 'maxWaitTimeInMs' | 'maxBytesPerPartition'>>;

/** Longest wait for a first message: it costs nothing, because the broker answers as soon as there is one. */
const IDLE_WAIT_MS = 500;
/** So much is worth a batch at once, however long a consumer would linger. */
const LINGER_BYTES = 512 * 1024;

/** Answers at once for consumers that do not linger; for others when there is much, or when they have lingered long enough. */
export const fetchSettings = ({ lingerMs }: Pick<Consumption, 'lingerMs'>): FetchSettings => ({
  minBytes: lingerMs > 0 ? LINGER_BYTES : 1,
  maxWaitTimeInMs: lingerMs > 0 ? lingerMs : IDLE_WAIT_MS,
  // Small, because what was fetched is drained before the group can rebalance.
  maxBytesPerPartition: 512 * 1024,
});
