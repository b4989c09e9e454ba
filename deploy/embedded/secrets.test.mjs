// @ts-check
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, keepSecrets, newKey } from './secrets.mjs';
import { temporaryFolder } from './testing.mjs';

test('the checksum is the usual CRC-32', () => {
  assert.equal(crc32('123456789'), 'cbf43926');
  assert.equal(crc32(''), '00000000');
});

test('a key carries its kind, its id, and a checksum over everything before it', () => {
  const key = newKey('write');
  assert.match(key, /^tidings_write_[0-9A-Za-z]{12}_[0-9A-Za-z]{32}[0-9a-f]{8}$/);
  assert.equal(key.slice(-8), crc32(key.slice(0, -8)));
  assert.notEqual(newKey('secret'), newKey('secret'));
});

test('secrets are generated once and readable by their owner only', (t) => {
  const state = temporaryFolder(t);
  const first = keepSecrets(state);
  assert.equal(Buffer.from(first.MASTER_KEY, 'base64').length, 32);
  assert.equal(statSync(join(state, 'secrets.json')).mode & 0o777, 0o600);
  assert.deepEqual(keepSecrets(state), first);
});

for (const [what, content, sentence] of /** @type {const} */ ([
  ['damaged', '{"MASTER_KEY": "ab', /is damaged.*npm start -- --fresh/],
  ['not ours', '[]', /has no MASTER_KEY.*npm start -- --fresh/],
  ['nothing', 'null', /has no MASTER_KEY.*npm start -- --fresh/],
])) {
  test(`a secrets file that is ${what} is one sentence`, (t) => {
    const state = temporaryFolder(t);
    writeFileSync(join(state, 'secrets.json'), content);
    assert.throws(() => keepSecrets(state), sentence);
  });
}
