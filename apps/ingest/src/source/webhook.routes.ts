import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { traceparentOf } from '../http/traceparent.js';
import { bytesOf, rawScope } from '../raw-scope.js';
import { sourceRecordBytes } from './source-record.js';
import { WebhookDoor } from './webhook-door.js';
import { headerTexts } from './webhook-headers.js';

type WebhookRequest = FastifyRequest<{ Params: { id: string } }>;

/** Puts the webhooks of sources onto HTTP, with their bodies as bytes: that is what is signed. */
@Injectable()
export class WebhookRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly door: WebhookDoor,
  ) {}

  onModuleInit(): void {
    rawScope(this.host, sourceRecordBytes, (scope) =>
      scope.post('/hooks/sources/:id', async ({ params, headers, body }: WebhookRequest, reply) => {
        const call = { headers: headerTexts(headers), body: bytesOf(body) };
        const { status, message, retryAfterSeconds } = await this.door.answer(params.id, call, traceparentOf(headers['traceparent']));
        if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
        return reply.code(status).type('text/plain').send(`${message}\n`);
      }),
    );
  }
}
