import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { rawScope } from '../raw-scope.js';
import { askPage, donePage, tryAgainPage, unknownPage, type Page } from './page.js';
import { RecipientDoor } from './recipient-door.js';

type LinkRequest = FastifyRequest<{ Params: { '*': string } }>;

const bodyLimit = 16 * 1024;
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const privately = {
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;
const contentSecurity =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Puts the links in messages onto HTTP: `/l` click, `/o` open, `/u` unsubscribe. Wildcards, because tokens are long. */
@Injectable()
export class RecipientRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly door: RecipientDoor,
  ) {}

  onModuleInit(): void {
    rawScope(this.host, bodyLimit, (scope) => this.routes(scope));
  }

  private routes(scope: FastifyInstance): void {
    // A HEAD is a scanner's or a preview's: it gets the answer, and nothing happened.
    scope.route<{ Params: { '*': string } }>({
      method: ['GET', 'HEAD'],
      url: '/l/*',
      handler: (request, reply) => this.click(request, reply),
    });
    scope.route<{ Params: { '*': string } }>({
      method: ['GET', 'HEAD'],
      url: '/o/*',
      handler: (request, reply) => this.open(request, reply),
    });
    scope.route<{ Params: { '*': string } }>({
      method: ['GET', 'HEAD'],
      url: '/u/*',
      handler: (request, reply) => this.ask(request, reply),
    });
    scope.post('/u/*', (request: LinkRequest, reply) => this.unsubscribe(request, reply));
  }

  private async click(request: LinkRequest, reply: FastifyReply): Promise<FastifyReply> {
    const message = this.door.read('click', request.params['*']);
    if (message === null || !isWebAddress(message.u)) return show(reply, unknownPage);
    if (isVisit(request)) await this.door.noted('clicked', message);
    return reply
      .code(302)
      .headers({ ...privately, location: message.u })
      .send();
  }

  /** The picture is answered whatever the token: a broken image in a mail helps nobody. */
  private async open(request: LinkRequest, reply: FastifyReply): Promise<FastifyReply> {
    const message = this.door.read('open', request.params['*'].replace(/\.gif$/, ''));
    if (message !== null && isVisit(request)) await this.door.noted('opened', message);
    return reply
      .code(message === null ? 404 : 200)
      .headers({ ...privately, 'content-type': 'image/gif' })
      .send(pixel);
  }

  private ask(request: LinkRequest, reply: FastifyReply): FastifyReply {
    const message = this.door.read('unsubscribe', request.params['*']);
    return show(reply, message === null ? unknownPage : askPage(message.c));
  }

  /** RFC 8058: a mailbox provider posts here without cookies and wants 200, no redirect; the page's button does the same. */
  private async unsubscribe(request: LinkRequest, reply: FastifyReply): Promise<FastifyReply> {
    const message = this.door.read('unsubscribe', request.params['*']);
    if (message === null) return show(reply, unknownPage);
    if (await this.door.saved('unsubscribed', message)) return show(reply, donePage(message.c));
    return show(reply.header('retry-after', 30), tryAgainPage);
  }
}

/** Whether somebody is there, as far as a request tells: neither a HEAD nor a browser fetching ahead. */
function isVisit({ method, headers }: LinkRequest): boolean {
  const ahead = [headers['purpose'], headers['sec-purpose'], headers['x-moz'], headers['x-purpose']];
  return method === 'GET' && !ahead.some((value) => typeof value === 'string' && /prefetch|preview/i.test(value));
}

/** The token is ours, but a template may have put anything where a link belongs. */
const isWebAddress = (url: string | undefined): url is string =>
  url !== undefined && /^https?:\/\/[^\s]+$/i.test(url) && URL.canParse(url);

function show(reply: FastifyReply, { status, html }: Page): FastifyReply {
  return reply
    .code(status)
    .headers({ ...privately, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': contentSecurity })
    .send(html);
}
