import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hashKey, newKey, parseKey } from './api-key.js';

/** Bytes that count up, so that a key is the same in every run. */
const counting = (): ((bytes: number) => Uint8Array) => {
  let next = 0;
  return (bytes) => Uint8Array.from({ length: bytes }, () => next++ % 256);
};

describe('API keys', () => {
  it('have the documented form, which other programs make as well', () => {
    const key = newKey('write', counting());
    expect(key.text).toBe('tidings_write_0123456789AB_CDEFGHIJKLMNOPQRSTUVWXYZabcdefgh8d253452');
    expect(key.keyId).toBe('0123456789AB');
    expect(key.hash).toBe(createHash('sha256').update(key.text).digest('hex'));
  });

  it('are read back', () => {
    const { text, keyId } = newKey('secret');
    expect(parseKey(text)).toEqual({ type: 'secret', keyId });
    expect(hashKey(text)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are each another', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newKey('secret').text)).size).toBe(1000);
  });

  it('use no byte that would make some characters likelier than others', () => {
    const biased = [255, 254, 253, 252, 251, 250, 249, 248];
    let calls = 0;
    const { keyId } = newKey('write', (bytes) =>
      Uint8Array.from({ length: bytes }, (_, at) => (calls++ % 2 ? 1 : (biased[at % 8] ?? 0))),
    );
    expect(keyId).toBe('111111111111');
  });

  const good = newKey('secret', counting()).text;
  it.each<[string, string]>([
    ['one character changed', good.replace('CDE', 'CDF')],
    ['the checksum of another', good.slice(0, -8) + '00000000'],
    ['an unknown type', good.replace('secret', 'public')],
    ['a part missing', good.slice(0, -1)],
    ['something behind it', `${good}0`],
    ['nothing', ''],
  ])('are refused with %s', (_, text) => {
    expect(parseKey(text)).toBeNull();
  });
});
