import { connect, constants, type ClientHttp2Session } from 'node:http2';

/** A whole answer. */
export interface Http2Response {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** An answer, or how far the request came without one. */
export type Http2Outcome =
  | ({ readonly kind: 'answered' } & Http2Response)
  /** The other side has not begun with it: it is safe to ask again. */
  | { readonly kind: 'not-sent'; readonly detail: string }
  /** It may have been carried out. */
  | { readonly kind: 'no-answer'; readonly detail: string };

/** How a pool behaves. */
export interface Http2PoolOptions {
  readonly sessions: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly pingEveryMs: number;
}

const { HTTP2_HEADER_STATUS, NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL } = constants;

/** Names and values in turn, the pseudo headers first: made once and sent with every call, it saves a tenth of what a call costs. */
export type RawHeaders = readonly string[];

/** A connection, and what is known when it stands or cannot: null, or why not. */
interface Link {
  readonly session: ClientHttp2Session;
  readonly standing: Promise<string | null>;
}

interface Seat {
  link: Link | null;
  streams: number;
}

/**
 * A few long-lived HTTP/2 connections to one origin, with no more streams on each than the other side allows. A
 * connection that is told to go away finishes what it has; the next request opens a new one.
 */
export class Http2Pool {
  private readonly seats: Seat[];
  private waiting: (() => void)[] = [];
  private closed = false;

  constructor(
    private readonly origin: string,
    private readonly options: Http2PoolOptions,
  ) {
    this.seats = Array.from({ length: options.sessions }, () => ({ link: null, streams: 0 }));
  }

  /** Posts a body and reads the answer; never rejects. */
  async post(headers: RawHeaders, body: string): Promise<Http2Outcome> {
    // Streams that the other side refused or never saw are asked once more, over a fresh connection if need be.
    const first = await this.attempt(headers, body);
    return first.kind === 'not-sent' && !this.closed ? this.attempt(headers, body) : first;
  }

  /** Closes once all streams are answered. */
  async close(): Promise<void> {
    this.closed = true;
    const open = this.seats.flatMap(({ link }) => (link && !link.session.closed ? [link.session] : []));
    await Promise.all(open.map((session) => new Promise<void>((resolve) => session.close(resolve))));
  }

  private async attempt(headers: RawHeaders, body: string): Promise<Http2Outcome> {
    const seat = this.freeSeat() ?? (await this.seat());
    const { session, standing } = this.linkOf(seat);
    seat.streams += 1;
    try {
      const trouble = session.connecting ? await standing : null;
      if (trouble !== null) return { kind: 'not-sent', detail: trouble };
      return await ask(session, headers, body, this.options.timeoutMs);
    } finally {
      seat.streams -= 1;
      this.waiting.shift()?.();
    }
  }

  /** The seat with the fewest streams, if it has room. */
  private freeSeat(): Seat | null {
    const seat = this.seats.reduce((least, other) => (other.streams < least.streams ? other : least));
    return seat.streams < roomOf(seat.link) ? seat : null;
  }

  private async seat(): Promise<Seat> {
    for (;;) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      const seat = this.freeSeat();
      if (seat) return seat;
    }
  }

  private linkOf(seat: Seat): Link {
    const kept = seat.link;
    if (kept && !kept.session.closed && !kept.session.destroyed) return kept;
    const session = connect(this.origin);
    // Streams report what happened to them; the session itself only has to be replaced.
    session.on('error', () => session.destroy());
    session.on('goaway', () => session.close());
    session.setTimeout(this.options.pingEveryMs, () => this.ping(session));
    seat.link = { session, standing: standing(session, this.options.connectTimeoutMs) };
    return seat.link;
  }

  /** A connection that died without a word is found out before a message is lost on it. */
  private ping(session: ClientHttp2Session): void {
    if (session.destroyed || session.closed) return;
    const limit = setTimeout(() => session.destroy(), this.options.connectTimeoutMs).unref();
    session.ping((error) => {
      clearTimeout(limit);
      if (error) session.destroy();
    });
  }
}

/** Until the other side has said what it allows, 100: what the protocol advises as the least. */
const roomOf = (link: Link | null): number => Math.min(link?.session.remoteSettings?.maxConcurrentStreams ?? 100, 1000);

/** Null once the connection stands, else why it does not. */
function standing(session: ClientHttp2Session, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const done = (detail: string | null) => (): void => {
      clearTimeout(limit);
      resolve(detail);
    };
    const limit = setTimeout(() => {
      session.destroy();
      resolve('no connection in time');
    }, timeoutMs);
    session.once('connect', done(null));
    session.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message)());
    session.once('close', done('connection closed'));
  });
}

function ask(session: ClientHttp2Session, headers: RawHeaders, body: string, timeoutMs: number): Promise<Http2Outcome> {
  if (session.closed || session.destroyed) return Promise.resolve({ kind: 'not-sent', detail: 'connection closed' });
  return new Promise((resolve) => {
    const stream = session.request(headers);
    let answer: { status: number; retryAfter: string | null } | null = null;
    let text = '';
    const settle = (outcome: Http2Outcome): void => {
      clearTimeout(limit);
      resolve(outcome);
    };
    const limit = setTimeout(() => {
      settle({ kind: 'no-answer', detail: 'time-out' });
      stream.close(NGHTTP2_CANCEL);
    }, timeoutMs);
    stream.setEncoding('utf8');
    stream.on('response', (received) => (answer = { status: Number(received[HTTP2_HEADER_STATUS]), retryAfter: received['retry-after'] ?? null }));
    stream.on('data', (chunk: string) => (text += chunk));
    stream.on('end', () => answer && settle({ kind: 'answered', ...answer, body: text }));
    stream.on('error', () => undefined);
    stream.on('close', () => settle(lost(stream.rstCode)));
    stream.end(body);
  });
}

/** Refused streams were never begun with; that is what a front end that goes away says of those it did not take. */
const lost = (rstCode: number): Http2Outcome =>
  rstCode === NGHTTP2_REFUSED_STREAM ? { kind: 'not-sent', detail: 'stream refused' } : { kind: 'no-answer', detail: `stream closed with code ${String(rstCode)}` };
