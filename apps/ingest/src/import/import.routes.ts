import { Readable } from 'node:stream';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { logger, Problem } from '@tidings/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ImportDoor } from './import-door.js';
import { asErrorReport, asJsonLines } from './import-line.js';

type ImportHttpRequest = FastifyRequest<{ Querystring: Record<string, unknown>; Body: Readable | null }>;

/** The body is read as it comes, so its length is no matter. */
const bodyLimit = 2 ** 40;
const log = logger('imports');

/** Puts imports onto HTTP, in a scope of Fastify's where a body is a stream. */
@Injectable()
export class ImportRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly door: ImportDoor,
  ) {}

  onModuleInit(): void {
    void this.host.httpAdapter.getInstance().register((scope: FastifyInstance, _options: unknown, done: () => void) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
      scope.post('/api/v1/imports', { bodyLimit }, (request: ImportHttpRequest, reply) => this.answer(request, reply));
      done();
    });
  }

  /** Newline-delimited JSON or, for whoever accepts `text/csv`, the report of the refused rows as a file. */
  private async answer({ query, headers, body }: ImportHttpRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { authorization, accept = '', 'content-encoding': encoding } = headers;
    try {
      const lines = await this.door.open({ query, authorization, encoding, body: body ?? Readable.from([]) });
      if (!accept.includes('text/csv')) return reply.type('application/x-ndjson').send(Readable.from(asJsonLines(lines)));
      const name = `attachment; filename="${String(query['id'])}-errors.csv"`;
      return reply.type('text/csv').header('content-disposition', name).send(Readable.from(asErrorReport(lines)));
    } catch (error) {
      return refuse(error, reply);
    }
  }
}

function refuse(error: unknown, reply: FastifyReply): FastifyReply {
  if (!(error instanceof Problem)) log.error({ err: error }, 'an import failed');
  const problem = error instanceof Problem ? error : Problem.ofStatus(500, 'This is our fault and was logged.');
  // The rest of the body is not read any more.
  reply.headers({ connection: 'close', ...problem.extra.headers });
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem.body()));
}
