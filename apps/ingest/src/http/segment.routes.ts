import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { logger } from '@tidings/service';
import type { Call } from '../accept/accept-call.js';
import { limits } from '../accept/limits.js';
import { failure, type Answer } from './answer.js';
import { takeBeforeFastify } from './before-fastify.js';
import { callTooLarge } from './read-body.js';
import { receiveBody } from './receive-body.js';
import { SegmentDoor } from './segment-door.js';
import { traceparentOf } from './traceparent.js';

/** The path of each call; the single letters are what browsers' and phones' SDKs use, `import` what older servers' SDKs do. */
const paths: Readonly<Record<string, Call>> = {
  identify: 'identify', i: 'identify', track: 'track', t: 'track', page: 'page', p: 'page', screen: 'screen', s: 'screen',
  group: 'group', g: 'group', alias: 'alias', a: 'alias', batch: 'batch', b: 'batch', import: 'batch',
}; // prettier-ignore

interface Route {
  readonly call: Call;
  readonly path: string;
}

const routes: ReadonlyMap<string, Route> = new Map(
  Object.entries(paths).flatMap(([name, call]) => {
    const route: Route = { call, path: `/v1/${name}` };
    return [[route.path, route] as const, [`${route.path}/`, route] as const];
  }),
);

const log = logger('segment-door');

/**
 * Puts the tracking API straight onto Node's HTTP server: it is the hot path, and needs nothing of what Nest and
 * Fastify do for a request. Everything inside stays the injected `SegmentDoor`'s.
 */
@Injectable()
export class SegmentRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly door: SegmentDoor,
  ) {}

  onModuleInit(): void {
    takeBeforeFastify(this.server, (request, response) => {
      const url = request.url ?? '';
      const queryAt = url.indexOf('?');
      const route = routes.get(queryAt === -1 ? url : url.slice(0, queryAt));
      if (route === undefined || (request.method !== 'POST' && request.method !== 'OPTIONS')) return false;
      if (request.method === 'OPTIONS') preflight(response);
      else this.receive(route, request, response);
      return true;
    });
  }

  private get server(): Server {
    return this.host.httpAdapter.getHttpServer();
  }

  private receive(route: Route, request: IncomingMessage, response: ServerResponse): void {
    receiveBody(request, limits.callBytes, (body) => {
      if (body !== null) return this.handle(route, request, response, body);
      // The rest of the body is not waited for.
      response.setHeader('connection', 'close');
      this.send(response, callTooLarge);
    });
  }

  private handle(
    { call, path }: Route,
    { headers, url = '' }: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    const queryAt = url.indexOf('?');
    const answering = this.door.answer(call, {
      path,
      body,
      encoding: headers['content-encoding'],
      authorization: headers.authorization,
      queryKey: queryAt === -1 ? undefined : parse(url.slice(queryAt + 1))['writeKey'],
      traceparent: traceparentOf(headers['traceparent']),
    });
    answering.then(
      (answer) => this.send(response, answer),
      (error: unknown) => this.send(response, ourFault(error)),
    );
  }

  private send(response: ServerResponse, { status, body, retryAfterSeconds }: Answer): void {
    // A connection that is kept to a server that is leaving would keep it from leaving.
    if (!this.server.listening) response.setHeader('connection', 'close');
    if (retryAfterSeconds !== undefined) {
      // Browsers' SDKs read the second name, and only what is exposed to them.
      response.setHeader('retry-after', retryAfterSeconds).setHeader('x-ratelimit-reset', retryAfterSeconds);
      response.setHeader('access-control-expose-headers', 'retry-after, x-ratelimit-reset');
    }
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }
}

function ourFault(error: unknown): Answer {
  log.error({ err: error }, 'a call failed');
  return failure(500, 'internal', 'This is our fault and was logged. Send the call again.');
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, content-encoding, traceparent, x-retry-count',
    'access-control-max-age': '86400',
  });
  response.end();
}
