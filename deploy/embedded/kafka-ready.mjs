// @ts-check
import { connect } from 'node:net';

/** Metadata, version 4, asking for no topics: length, key, version, correlation id, client id `tidings`, no topics, create none. */
const request = Buffer.concat([
  Buffer.from([0, 0, 0, 22, 0, 3, 0, 4, 0, 0, 0, 1, 0, 7]), Buffer.from('tidings'), Buffer.from([0, 0, 0, 0, 0]),
]);

/**
 * Whether the broker on this port takes part in its cluster: it does from the moment it lists itself in its metadata,
 * which is later than it opens its port.
 * @param {number} port
 * @param {number} [withinMs]
 * @returns {Promise<boolean>}
 */
export function answersMetadata(port, withinMs = 2_000) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    let received = Buffer.alloc(0);
    /** @param {boolean} answer */
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(withinMs, () => settle(false));
    socket.on('error', () => settle(false));
    socket.on('close', () => resolve(false));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Length, correlation id and throttle time come before the number of brokers.
      if (received.length >= 16) settle(received.readInt32BE(12) > 0);
    });
  });
}
