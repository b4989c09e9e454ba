import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { logger } from '@tidings/service';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Call } from '../accept/accept-call.js';
import { limits } from '../accept/limits.js';
import { bytesOf, rawScope } from '../raw-scope.js';
import { failure, type Answer } from './answer.js';
import { callTooLarge } from './read-body.js';
import { SegmentDoor } from './segment-door.js';
import { traceparentOf } from './traceparent.js';

/** The path of each call; the single letters are what browsers' and phones' SDKs use, `import` what older servers' SDKs do. */
const paths: Readonly<Record<string, Call>> = {
  identify: 'identify', i: 'identify', track: 'track', t: 'track', page: 'page', p: 'page', screen: 'screen', s: 'screen',
  group: 'group', g: 'group', alias: 'alias', a: 'alias', batch: 'batch', b: 'batch', import: 'batch',
}; // prettier-ignore

const log = logger('segment-door');

/**
 * Puts the tracking API straight onto Fastify: it is the hot path, and Nest's pipeline (guards, pipes, filters, its
 * body parsers) costs more than the work. Everything inside stays the injected `SegmentDoor`'s.
 */
@Injectable()
export class SegmentRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly door: SegmentDoor,
  ) {}

  onModuleInit(): void {
    rawScope(this.host, limits.callBytes, (scope) => this.routes(scope));
  }

  private routes(scope: FastifyInstance): void {
    scope.setErrorHandler((error: FastifyError, _request, reply) => send(reply, answerOf(error)));
    for (const [path, call] of Object.entries(paths)) {
      for (const url of [`/v1/${path}`, `/v1/${path}/`]) {
        scope.post(url, { bodyLimit: limits.callBytes }, (request, reply) => this.handle(call, path, request, reply));
        scope.options(url, (_request, reply) => preflight(reply));
      }
    }
  }

  private async handle(call: Call, path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { headers, body, query } = request;
    const answer = await this.door.answer(call, {
      path: `/v1/${path}`,
      body: bytesOf(body),
      encoding: headers['content-encoding'],
      authorization: headers.authorization,
      queryKey: (query as Readonly<Record<string, string | undefined>>)['writeKey'],
      traceparent: traceparentOf(headers['traceparent']),
    });
    return send(reply, answer);
  }
}

function answerOf(error: FastifyError): Answer {
  if (error.statusCode === 413) return callTooLarge;
  if (error.statusCode && error.statusCode < 500)
    return failure(error.statusCode, 'invalid_request', 'The request cannot be read.');
  log.error({ err: error }, 'a call failed');
  return failure(500, 'internal', 'This is our fault and was logged. Send the call again.');
}

function send(reply: FastifyReply, { status, body, retryAfterSeconds }: Answer): FastifyReply {
  reply.code(status).header('content-type', 'application/json').header('access-control-allow-origin', '*');
  if (retryAfterSeconds !== undefined) {
    // Browsers' SDKs read the second name, and only what is exposed to them.
    reply.header('retry-after', retryAfterSeconds).header('x-ratelimit-reset', retryAfterSeconds);
    reply.header('access-control-expose-headers', 'retry-after, x-ratelimit-reset');
  }
  return reply.send(body);
}

function preflight(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, content-encoding, traceparent, x-retry-count',
      'access-control-max-age': '86400',
    })
    .send();
}
