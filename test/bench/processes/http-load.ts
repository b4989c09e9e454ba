import { connect, type Socket } from 'node:net';
import { answers } from '../rig/child.js';
import { RequestBytes, type RequestShape } from '../rig/request-bytes.js';
import { responseAt } from '../rig/response-at.js';

/** What to send, and until when: after `seconds`, or after `requests`. */
export interface LoadOrder extends RequestShape {
  readonly port: number;
  readonly connections: number;
  readonly pipelining: number;
  readonly seconds: number | null;
  readonly requests: number | null;
}

/** What came of it. */
export interface LoadResult {
  readonly answered: number;
  readonly refused: number;
  readonly seconds: number;
  /** Sorted sample of how long answers took, in ms. */
  readonly waits: readonly number[];
}

/** A client that costs as little as Node allows: requests are bytes made beforehand, in which only ids are written. */
class Load {
  private sent = 0;
  private answered = 0;
  private refused = 0;
  private lastAt = 0;
  private readonly waits: number[] = [];
  private readonly startedAt = performance.now();

  constructor(private readonly order: LoadOrder) {}

  async run(): Promise<LoadResult> {
    const lines = Array.from({ length: this.order.connections }, () => this.line());
    await Promise.all(lines);
    return {
      answered: this.answered,
      refused: this.refused,
      seconds: (this.lastAt - this.startedAt) / 1000,
      waits: this.waits.sort((one, other) => one - other),
    };
  }

  private line(): Promise<void> {
    const { port, pipelining } = this.order;
    const bytes = new RequestBytes(this.order);
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const pending: number[] = [];
      let rest: Buffer = Buffer.alloc(0);
      const fill = (): void => {
        while (pending.length < pipelining && this.mayGoOn()) pending.push(this.send(socket, bytes));
        if (pending.length === 0) socket.end();
      };
      socket.on('connect', fill);
      socket.on('data', (chunk) => {
        rest = this.take(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), pending);
        fill();
      });
      socket.on('close', () =>
        pending.length === 0
          ? resolve()
          : reject(new Error(`the server closed a connection with ${pending.length} requests unanswered`)),
      );
      socket.on('error', reject);
    });
  }

  private mayGoOn(): boolean {
    const { seconds, requests } = this.order;
    if (requests !== null && this.sent >= requests) return false;
    return seconds === null || performance.now() - this.startedAt < seconds * 1000;
  }

  private send(socket: Socket, bytes: RequestBytes): number {
    socket.write(bytes.of(this.sent));
    this.sent += 1;
    return performance.now();
  }

  /** Takes whole answers off the front; the rest is kept for the next chunk. */
  private take(received: Buffer, pending: number[]): Buffer {
    let at = 0;
    for (let response = responseAt(received, at); response !== null; response = responseAt(received, at)) {
      at = response.end;
      this.lastAt = performance.now();
      const since = pending.shift() ?? this.lastAt;
      if (response.ok) this.answered += 1;
      else this.refused += 1;
      if (this.answered % 16 === 0) this.waits.push(this.lastAt - since);
    }
    return received.subarray(at);
  }
}

answers({ run: (order: LoadOrder) => new Load(order).run() });
