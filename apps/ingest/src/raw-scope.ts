import type { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/**
 * Gives routes a scope of Fastify's own, in which every body is bytes, whatever content type it claims: signatures are
 * made over bytes, and links want none of what Nest's pipeline does.
 */
export function rawScope(
  host: HttpAdapterHost<FastifyAdapter>,
  bodyLimit: number,
  routes: (scope: FastifyInstance) => void,
): void {
  void host.httpAdapter.getInstance().register((scope: FastifyInstance, _options: unknown, done: () => void) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, parsed) => parsed(null, body));
    routes(scope);
    done();
  });
}

/** The bytes of a body in such a scope; none when there was no body. */
export const bytesOf = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));
