import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Behaviour, Conduct } from './behaviour.js';
import type { Journal } from './journal.js';

/** Answers a request whose body has been read. */
export type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => Promise<void> | void;

/** A running HTTP server. */
export interface Listening {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * An HTTP/1.1 server on the loopback for everything beside the provider's own protocol: `POST /control` with a
 * `Behaviour`, `GET /accepted`, and whatever `answer` takes.
 */
export async function controlServer(conduct: Conduct, journal: Journal, port: number, answer: Answer): Promise<Listening> {
  const server = createServer((request, response) => {
    const answered = readBody(request).then((body) => {
      if (request.url === '/control') conduct.behave(JSON.parse(body) as Partial<Behaviour>);
      if (request.url === '/control') return respond(response, 200, {});
      if (request.url === '/accepted') return respond(response, 200, journal.entries());
      return answer(request, body, response);
    });
    // A client that breaks off while it sends, or sends no JSON, gets no answer.
    answered.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Writes a JSON answer. */
export function respond(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === null ? '' : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
