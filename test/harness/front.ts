import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Installation } from './installation.js';
import type { ServiceProcess } from './service-process.js';

/** What a test does before a call is passed on. */
export type Gate = (url: URL) => Promise<void>;

/**
 * One address before all processes of an installation, as an ingress is: a call goes to whoever listens, and breaks off when
 * that is killed.
 */
export class Front {
  /** Waited for before each call is passed on. */
  gate: Gate = async () => undefined;
  private readonly watching = new Set<{ readonly path: string; readonly seen: (by: ServiceProcess | undefined) => void }>();
  private readonly server = createServer((call, answer) => void this.pass(call, answer));

  private constructor(private readonly installation: Installation) {}

  static async start(installation: Installation): Promise<Front> {
    const front = new Front(installation);
    await new Promise<void>((listening) => front.server.listen(0, '127.0.0.1', listening));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves with the process that answers when the answer to a call of this path has begun to come. */
  untilAnswering(path: string): Promise<ServiceProcess | undefined> {
    return new Promise((seen) => this.watching.add({ path, seen }));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((closed) => this.server.close(() => closed()));
  }

  private async pass(call: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(call.url ?? '/', this.url);
    await this.gate(url);
    try {
      const target = new URL(this.installation.urlOf(url.pathname));
      const outgoing = request(target, { method: call.method, path: call.url, headers: call.headers });
      outgoing.on('error', () => breakOff(answer));
      outgoing.on('response', (incoming) => this.passBack(incoming, answer, { path: url.pathname, origin: target.origin }));
      call.on('error', () => outgoing.destroy());
      call.pipe(outgoing);
    } catch {
      // Nobody listens at this moment.
      breakOff(answer);
    }
  }

  private passBack(incoming: IncomingMessage, answer: ServerResponse, { path, origin }: { readonly path: string; readonly origin: string }): void {
    answer.writeHead(incoming.statusCode ?? 502, incoming.headers);
    incoming.once('data', () => {
      for (const watcher of this.watching) {
        if (watcher.path !== path) continue;
        this.watching.delete(watcher);
        watcher.seen(this.installation.processes.find((process) => process.listens && process.url === origin));
      }
    });
    incoming.on('error', () => answer.destroy());
    incoming.pipe(answer);
  }
}

function breakOff(answer: ServerResponse): void {
  if (answer.headersSent) answer.destroy();
  else answer.writeHead(502).end();
}
