/** A namespace for ids, as the four words that a name is hashed behind. */
export type Namespace = readonly [number, number, number, number];

/** The namespace that a UUID stands for. */
export function namespaceOf(uuid: string): Namespace {
  const digits = uuid.replaceAll('-', '');
  const word = (index: number) => Number.parseInt(digits.slice(index * 8, index * 8 + 8), 16) | 0;
  return [word(0), word(1), word(2), word(3)];
}

/**
 * The UUID of a name (RFC 9562, version 5): the same name, the same id, everywhere. SHA-1 is worked out here, because an
 * object for each hash costs several times what hashing these few bytes does.
 */
export function uuidV5(name: string, namespace: Namespace): string {
  const [a, b, c, d] = sha1(blocksOf(name, namespace));
  const high = hex((b & ~0xf000) | 0x5000);
  const sequence = hex((c & 0x3fffffff) | 0x80000000);
  return `${hex(a)}-${high.slice(0, 4)}-${high.slice(4)}-${sequence.slice(0, 4)}-${sequence.slice(4)}${hex(d)}`;
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

const NAMESPACE_BYTES = 16;
/** What SHA-1 puts behind every text: a bit that is set, and the length in 64 bits. */
const PADDING_BYTES = 9;
const utf8 = new TextEncoder();

/** Namespace and name in whole blocks of sixteen words. */
function blocksOf(name: string, namespace: Namespace): Int32Array {
  const bytes = utf8.encode(name);
  const length = NAMESPACE_BYTES + bytes.length;
  const words = new Int32Array(Math.ceil((length + PADDING_BYTES) / 64) * 16);
  words.set(namespace);
  for (let at = 0; at < bytes.length; at++) put(words, NAMESPACE_BYTES + at, bytes[at] ?? 0);
  put(words, length, 0x80);
  words[words.length - 1] = length * 8;
  return words;
}

function put(words: Int32Array, at: number, byte: number): void {
  words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (24 - (at & 3) * 8));
}

/** Reused, because it never outlives a call. */
const schedule = new Int32Array(80);

/** The first four of the five words of a hash. */
function sha1(words: Int32Array): Namespace {
  let [h0, h1, h2, h3, h4] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  for (let block = 0; block < words.length; block += 16) {
    fill(words, block);
    let [a, b, c, d, e] = [h0, h1, h2, h3, h4];
    for (let round = 0; round < 80; round++) {
      const next = (rotated(a, 5) + mixed(round, b, c, d) + e + (schedule[round] ?? 0)) | 0;
      e = d;
      d = c;
      c = rotated(b, 30);
      b = a;
      a = next;
    }
    h0 = (h0 + a) | 0;
    h1 = (h1 + b) | 0;
    h2 = (h2 + c) | 0;
    h3 = (h3 + d) | 0;
    h4 = (h4 + e) | 0;
  }
  return [h0, h1, h2, h3];
}

function fill(words: Int32Array, block: number): void {
  for (let at = 0; at < 16; at++) schedule[at] = words[block + at] ?? 0;
  for (let at = 16; at < 80; at++) {
    const mix = (schedule[at - 3] ?? 0) ^ (schedule[at - 8] ?? 0) ^ (schedule[at - 14] ?? 0) ^ (schedule[at - 16] ?? 0);
    schedule[at] = rotated(mix, 1);
  }
}

/** The function and the constant of each quarter of the rounds. */
function mixed(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
