import { describe, expect, it } from '@jest/globals';
import { open, seal } from './seal.js';
import { readToken, token } from './token.js';

const master = 'm'.repeat(44);
const other = 'n'.repeat(44);

describe('a sealed secret', () => {
  it('opens in its context only', () => {
    const sealed = seal(master, 'demo:fcm', 'the secret');
    expect(open(master, 'demo:fcm', sealed)).toBe('the secret');
    expect(open(master, 'other:fcm', sealed)).toBeNull();
    expect(open(other, 'demo:fcm', sealed)).toBeNull();
  });

  it('shows nothing and never looks the same twice', () => {
    const sealed = seal(master, 'demo:fcm', 'the secret');
    expect(sealed).not.toContain('secret');
    expect(Buffer.from(sealed.slice(3), 'base64url').toString()).not.toContain('secret');
    expect(seal(master, 'demo:fcm', 'the secret')).not.toBe(sealed);
  });

  it('is refused with a bit changed anywhere', () => {
    const sealed = seal(master, 'c', 'x');
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const bent = Buffer.from(bytes);
      bent[at] = (bent[at] ?? 0) ^ 1;
      expect(open(master, 'c', `v1.${bent.toString('base64url')}`)).toBeNull();
    }
  });

  it.each(['', 'v1.', 'v1.AAAA', 'v2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'no'])('is refused as %j', (text) => {
    expect(open(master, 'c', text)).toBeNull();
  });

  it('made with the old key opens while keys are rotated, and new ones are made with the new key', () => {
    const old = seal(master, 'c', 'x');
    expect(open(`${other},${master}`, 'c', old)).toBe('x');
    expect(open(other, 'c', seal(`${other}, ${master}`, 'c', 'y'))).toBe('y');
  });
});

describe('a token', () => {
  const payload = { w: 'demo', p: 'user-1', u: 'https://shop.example/?q=ü' };

  it('carries its payload for its purpose only', () => {
    const text = token(master, 'click', payload);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(readToken(master, 'click', text)).toEqual(payload);
    expect(readToken(master, 'unsubscribe', text)).toBeUndefined();
    expect(readToken(other, 'click', text)).toBeUndefined();
  });

  it('is not a sealed secret, nor the other way round', () => {
    expect(readToken(master, 'c', seal(master, 'c', '{}').slice(3))).toBeUndefined();
    expect(open(master, 'c', `v1.${token(master, 'c', {})}`)).toBeNull();
  });

  it.each(['', 'AAAA', '%%%', 'A'.repeat(9000)])('is refused as %j', (text) => {
    expect(readToken(master, 'click', text)).toBeUndefined();
  });
});
