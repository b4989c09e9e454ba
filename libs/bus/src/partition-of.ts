const SEED = 0x9747b28c | 0;
const MIX = 0x5bd1e995;

/** Which partition of so many a key belongs to: the one that Java's producer chooses, so that all producers of a topic agree. */
export const partitionOf = (key: string, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions;

const scratch = Buffer.alloc(3 * 512);

/** Kafka's variant of MurmurHash2 over the key's UTF-8 (org.apache.kafka.common.utils.Utils.murmur2). */
function murmur2(key: string): number {
  const bytes = key.length <= 512 ? scratch : Buffer.from(key);
  const length = bytes === scratch ? scratch.write(key) : bytes.length;
  const whole = length & ~3;
  let hash = SEED ^ length;
  for (let at = 0; at < whole; at += 4) {
    const word = Math.imul(bytes.readInt32LE(at), MIX);
    hash = Math.imul(hash, MIX) ^ Math.imul(word ^ (word >>> 24), MIX);
  }
  if (length > whole) hash = Math.imul(hash ^ rest(bytes, whole, length), MIX);
  hash = Math.imul(hash ^ (hash >>> 13), MIX);
  return hash ^ (hash >>> 15);
}

/** The one to three bytes that fill no word. */
function rest(bytes: Buffer, from: number, to: number): number {
  let word = 0;
  for (let at = to - 1; at >= from; at--) word = (word << 8) | bytes.readUInt8(at);
  return word;
}
