// @ts-check
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { Refusal, hasCode } from './refusal.mjs';

const hosts = ['::', '0.0.0.0', '127.0.0.1'];

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<Error | null>} why the port cannot be taken
 */
function tryListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ port, host }, () => server.close(() => resolve(null)));
  });
}

/**
 * Why nobody could listen on this port now, on any address of the machine; null when it is free.
 * @param {number} port
 */
export async function whyTaken(port) {
  for (const host of hosts) {
    const error = await tryListen(port, host);
    // A machine without IPv6 has no `::` to listen on.
    if (error && !hasCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) return error;
  }
  return null;
}

/**
 * A free port below 32768. The system gives higher ones to outgoing connections, so that a client that
 * reconnects while a broker restarts could take the broker's own port.
 */
export async function freePort() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(15_000, 32_000);
    if (!(await whyTaken(port))) return port;
  }
  throw new Refusal('No free port was found between 15000 and 32000 on this machine.');
}

/**
 * The wanted port when it is free, else any free one.
 * @param {number | undefined} wanted
 */
export async function portNear(wanted) {
  return wanted && !(await whyTaken(wanted)) ? wanted : freePort();
}

/**
 * Reads a port from a setting and refuses, naming the setting, when it is no port or is taken.
 * @param {string} setting
 * @param {number} fallback
 * @param {NodeJS.ProcessEnv} env
 */
export async function portFromSetting(setting, fallback, env) {
  const text = env[setting] || String(fallback);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Refusal(`${setting} is "${text}", which is no port: set it to a number from 1 to 65535.`);
  const error = await whyTaken(port);
  if (hasCode(error, 'EACCES')) throw new Refusal(`Port ${port} may not be opened by this user: set ${setting} to one above 1023, as in \`${setting}=${port + 8000} npm start\`.`);
  if (error) throw new Refusal(`Port ${port} is in use by another program: stop it, or set ${setting} to another port, as in \`${setting}=${port + 1000} npm start\`.`);
  return port;
}
