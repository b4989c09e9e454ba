import { describe, expect, it } from '@jest/globals';
import type { DefinitionRecord, Scope } from '@tidings/contracts';
import { newKey, type NewKey } from './api-key.js';
import { authenticateBasic, authenticateBearer } from './authenticate.js';
import { Catalog } from './catalog.js';

const record = ({ keyId, type, hash }: NewKey, scopes: Scope[], revokedAt: string | null = null): DefinitionRecord => ({
  v: 1,
  workspace: 'demo',
  kind: 'key',
  id: keyId,
  version: 1,
  status: 'published',
  publishedAt: '2026-01-01T00:00:00.000Z',
  body: { id: keyId, type, name: 'n', hash, scopes, createdAt: '2026-01-01T00:00:00.000Z', revokedAt },
});
const basic = (user: string, password = ''): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('authentication', () => {
  const write = newKey('write');
  const secret = newKey('secret');
  const catalog = Catalog.of([record(write, ['ingest', 'admin']), record(secret, ['read', 'write'])]);

  it('takes a write key as the user name of Basic, and lets it only send events', () => {
    expect(authenticateBasic(basic(write.text), catalog)).toEqual({
      workspace: 'demo',
      keyId: write.keyId,
      scopes: ['ingest'],
    });
    expect(authenticateBasic(basic(write.text, 'ignored'), catalog)?.keyId).toBe(write.keyId);
  });

  it('takes a secret key as a bearer, with its scopes', () => {
    expect(authenticateBearer(`Bearer ${secret.text}`, catalog)).toEqual({
      workspace: 'demo',
      keyId: secret.keyId,
      scopes: ['read', 'write'],
    });
    expect(authenticateBearer(`bearer ${secret.text}`, catalog)?.keyId).toBe(secret.keyId);
  });

  it.each<[string, string | undefined]>([
    ['no header', undefined],
    ['another scheme', `Digest ${secret.text}`],
    ['a well-formed key that nobody gave out', `Bearer ${newKey('secret').text}`],
    ['a key with its end cut off', `Bearer ${secret.text.slice(0, -1)}`],
    ['an endless header', `Bearer ${'x'.repeat(100_000)}`],
  ])('refuses %s, also a second time', (_, header) => {
    expect(authenticateBearer(header, catalog)).toBeNull();
    expect(authenticateBearer(header, catalog)).toBeNull();
  });

  it('refuses a key with the id of one in force and another secret', () => {
    const forged = newKey('secret', (bytes) => new Uint8Array(bytes).fill(7));
    const real = newKey('secret');
    const held = Catalog.of([record({ ...real, keyId: forged.keyId }, ['admin'])]);
    expect(authenticateBearer(`Bearer ${forged.text}`, held)).toBeNull();
  });

  it('refuses a key that was accepted before, once it is revoked', () => {
    const key = newKey('secret');
    const held = Catalog.of([record(key, ['read'])]);
    expect(authenticateBearer(`Bearer ${key.text}`, held)).not.toBeNull();
    held.put(record(key, ['read'], '2026-02-01T00:00:00.000Z'));
    expect(authenticateBearer(`Bearer ${key.text}`, held)).toBeNull();
  });
});
