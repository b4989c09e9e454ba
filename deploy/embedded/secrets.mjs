// @ts-check
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginAnew } from './data-folder.mjs';
import { Refusal } from './refusal.mjs';

/** @typedef {{ MASTER_KEY: string, BOOTSTRAP_WRITE_KEY: string, BOOTSTRAP_SECRET_KEY: string, POSTGRES_PASSWORD: string }} Secrets */

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** @param {number} length */
function randomText(length) {
  return Array.from({ length }, () => base62[randomInt(62)]).join('');
}

/**
 * The CRC-32 of zlib and PNG, as 8 lower-case hexadecimal digits.
 * @param {string} text
 */
export function crc32(text) {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

/**
 * A new API key: `tidings_<kind>_<key id>_<secret><checksum>`. The checksum lets scanners tell a leaked key from a look-alike.
 * @param {'write' | 'secret'} kind
 */
export function newKey(kind) {
  const key = `tidings_${kind}_${randomText(12)}_${randomText(32)}`;
  return key + crc32(key);
}

/** @returns {Secrets} */
function newSecrets() {
  return {
    MASTER_KEY: randomBytes(32).toString('base64'),
    BOOTSTRAP_WRITE_KEY: newKey('write'),
    BOOTSTRAP_SECRET_KEY: newKey('secret'),
    POSTGRES_PASSWORD: randomText(32),
  };
}

/**
 * The secrets of this installation: generated on the first start, readable by their owner only, the same ever after.
 * Refuses when they are damaged, or lost while there are data that only they open.
 * @param {string} state
 * @returns {Secrets}
 */
export function keepSecrets(state) {
  const file = join(state, 'secrets.json');
  if (existsSync(file)) return readSecrets(file);
  if (existsSync(join(state, 'postgres', 'data'))) throw new Refusal(`${file} is missing, and the data beside it cannot be read without it: put it back, or begin anew with \`npm start -- --fresh\`.`);
  const secrets = newSecrets();
  writePrivately(file, secrets);
  return secrets;
}

/**
 * @param {string} file
 * @returns {Secrets}
 */
function readSecrets(file) {
  let found;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Refusal(`${file} is damaged or may not be read: ${beginAnew}.`);
  }
  for (const name of Object.keys(newSecrets())) {
    if (typeof found?.[name] !== 'string' || found[name] === '') throw new Refusal(`${file} has no ${name}: ${beginAnew}.`);
  }
  return found;
}

/**
 * Writes a JSON file that only its owner can read: whole, or not at all.
 * @param {string} file
 * @param {object} content
 */
export function writePrivately(file, content) {
  const partial = `${file}.new`;
  writeFileSync(partial, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(partial, file);
}
