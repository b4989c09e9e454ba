import { createServer as createHttpServer } from 'node:http';
import { createServer as createRawServer, type AddressInfo, type Server } from 'node:net';
import { answers } from '../rig/child.js';

const body = '{"success":true}';
const canned = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: keep-alive\r\n\r\n${body}`,
);

/** The least that `node:http` can do: reads each body, looks at nothing, answers 200. */
const bare = (): Server =>
  createHttpServer((request, response) => {
    request.on('data', () => undefined);
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    });
  });

/** No HTTP at all: counts bytes and answers with the same bytes; what a client reaches here is the client's own ceiling. */
const counting = (): Server =>
  createRawServer((socket) => {
    let size = 0;
    let received = 0;
    socket.on('data', (chunk) => {
      if (size === 0) size = sizeOf(chunk);
      received += chunk.length;
      const whole = Math.floor(received / size);
      received -= whole * size;
      if (whole > 0) socket.write(whole === 1 ? canned : Buffer.concat(Array.from({ length: whole }, () => canned)));
    });
    socket.on('error', () => undefined);
  });

/** All requests of a connection are of one size. */
function sizeOf(first: Buffer): number {
  const head = first.subarray(0, first.indexOf('\r\n\r\n') + 4).toString('latin1');
  return head.length + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

answers({
  listen: async (kind: 'bare' | 'counting') => {
    const server = kind === 'bare' ? bare() : counting();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
});
