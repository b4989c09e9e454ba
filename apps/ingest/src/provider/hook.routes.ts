import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { bytesOf, rawScope } from '../raw-scope.js';
import { SendGridDoor } from './sendgrid-door.js';

type HookRequest = FastifyRequest<{ Params: { providerId: string } }>;

const bodyLimit = 2 * 1024 * 1024;
const signatureHeader = 'x-twilio-email-event-webhook-signature';
const timestampHeader = 'x-twilio-email-event-webhook-timestamp';

/** Puts the providers' webhooks onto HTTP, with their bodies as bytes: that is what they sign. */
@Injectable()
export class HookRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly sendGrid: SendGridDoor,
  ) {}

  onModuleInit(): void {
    rawScope(this.host, bodyLimit, (scope) =>
      scope.post('/hooks/sendgrid/:providerId', async ({ params, headers, body }: HookRequest, reply) => {
        const [signature, timestamp] = [headers[signatureHeader], headers[timestampHeader]].map(
          (value) => String(value ?? '') || undefined,
        );
        const { status, message } = await this.sendGrid.answer(params.providerId, {
          signature,
          timestamp,
          body: bytesOf(body),
        });
        if (status === 503) reply.header('retry-after', 5);
        return reply.code(status).type('text/plain').send(`${message}\n`);
      }),
    );
  }
}
