import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a key is for: a `write` key only sends events and may be public, a `secret` key does what its scopes say. */
export type KeyType = 'write' | 'secret';

/** The parts of a well-formed key; that it is well-formed says nothing about whether it is in force. */
export interface ParsedKey {
  readonly type: KeyType;
  readonly keyId: string;
}

/** A new key: its text, which is shown once, and what is kept of it. */
export interface NewKey extends ParsedKey {
  readonly text: string;
  readonly hash: string;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const form = /^tidings_(write|secret)_([0-9A-Za-z]{12})_[0-9A-Za-z]{32}([0-9a-f]{8})$/;
const checksumLength = 8;

const checksum = (text: string): string => crc32(text).toString(16).padStart(checksumLength, '0');

/** The type and id of a key, or null when it is not one: a wrong checksum is found without asking anybody. */
export function parseKey(text: string): ParsedKey | null {
  const match = form.exec(text);
  if (match === null || match[3] !== checksum(text.slice(0, -checksumLength))) return null;
  return { type: match[1] as KeyType, keyId: match[2] ?? '' };
}

/** What is kept of a key: SHA-256 of its whole text, hex. It has 190 bits of its own, so a slow hash would add nothing. */
export const hashKey = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Makes a key; `random` gives so many unpredictable bytes. */
export function newKey(type: KeyType, random: (bytes: number) => Uint8Array = randomBytes): NewKey {
  const keyId = base62(12, random);
  const body = `tidings_${type}_${keyId}_${base62(32, random)}`;
  const text = body + checksum(body);
  return { type, keyId, text, hash: hashKey(text) };
}

/** Characters each as likely as the other: bytes past the last whole multiple of 62 are thrown away. */
function base62(length: number, random: (bytes: number) => Uint8Array): string {
  let text = '';
  while (text.length < length) {
    const fair = [...random(length)].filter((byte) => byte < 248);
    text += fair.map((byte) => alphabet[byte % 62]).join('');
  }
  return text.slice(0, length);
}
