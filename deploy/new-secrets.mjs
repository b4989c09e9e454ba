// @ts-check
// `node deploy/new-secrets.mjs`: prints the secrets of a new installation as lines of an env file. Needs nothing but Node 20.
import { randomBytes } from 'node:crypto';
import { newKey } from './embedded/secrets.mjs';

const secrets = {
  MASTER_KEY: randomBytes(32).toString('base64'),
  BOOTSTRAP_WRITE_KEY: newKey('write'),
  BOOTSTRAP_SECRET_KEY: newKey('secret'),
  POSTGRES_PASSWORD: randomBytes(24).toString('hex'),
};
process.stdout.write(Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`).join(''));
