/** What one send may hold of one topic: kafkajs makes one Kafka batch of all records of a partition, and brokers refuse those over 1 MiB. */
export const sendLimits = { records: 1_000, bytes: 700_000 } as const;

/** A record as far as cutting sends needs to know it. */
export interface Sized {
  readonly topic: string;
  readonly bytes: number;
}

/**
 * Where the send that begins at `from` ends (exclusive). Order is never changed: the first record that would go over
 * its topic's limit ends the send. A record over the limit by itself travels alone, so that its refusal is its own.
 */
export function cut(
  records: readonly Sized[],
  from: number,
  limits: { readonly records: number; readonly bytes: number } = sendLimits,
): number {
  const sums = new Map<string, { records: number; bytes: number }>();
  for (let at = from; at < records.length; at++) {
    const record = records[at];
    if (record === undefined) return at;
    let sum = sums.get(record.topic);
    if (sum === undefined) sums.set(record.topic, (sum = { records: 0, bytes: 0 }));
    sum.records += 1;
    sum.bytes += record.bytes;
    if (sum.records > limits.records || sum.bytes > limits.bytes) return Math.max(at, from + 1);
  }
  return records.length;
}
