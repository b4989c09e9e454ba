import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Catalog } from './catalog.js';
import { ProblemFilter } from './problem.filter.js';
import { accessOf, ScopeGuard } from './scope.guard.js';
import { SoundTextGuard } from './sound-text.guard.js';

/** What an app may set of its HTTP server. */
export interface HttpOptions {
  /** The largest body in bytes; 1 MiB when left out. */
  readonly bodyLimit?: number;
  /** Keep the bytes of bodies as `request.rawBody`, for signatures over them. */
  readonly rawBody?: boolean;
}

/** The HTTP server that `serve` runs an app on. */
export function httpAdapter({ bodyLimit = 1_048_576 }: HttpOptions = {}): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit,
    skipMiddie: true,
    // Someone who sends a byte a minute must not keep a connection for ever.
    requestTimeout: 60_000,
    // Tokens in links are path segments and longer than Fastify's 100 characters.
    routerOptions: { maxParamLength: 8192 },
  });
}

/** Gives an app what `serve` gives it: keys and scopes, texts that can be kept, problem details. Throws when a route says nothing of its access. */
export function useHttpConventions(app: INestApplication, catalog: Catalog): void {
  const undeclared = undeclaredRoutes(app);
  if (undeclared.length > 0) {
    throw new Error(`every route needs @RequireScope(...) or @Public(), and ${undeclared.join(', ')} has neither`);
  }
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalGuards(new ScopeGuard(catalog), new SoundTextGuard());
}

const methodMetadata = 'method';

/** The routes, as `Controller.method`, that do not say who may call them. */
function undeclaredRoutes(app: INestApplication): readonly string[] {
  const scanner = new MetadataScanner();
  return new DiscoveryService(app.get(ModulesContainer)).getControllers().flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, object>;
    return scanner
      .getAllMethodNames(prototype)
      .filter((name) => isUndeclared(metatype, prototype[name]))
      .map((name) => `${metatype.name}.${name}`);
  });
}

function isUndeclared(controller: object, method: object | undefined): boolean {
  return (
    method !== undefined && Reflect.hasMetadata(methodMetadata, method) && accessOf(controller, method) === undefined
  );
}

/** Stops taking requests and resolves when the ones in hand are answered; what takes longer than the bound is cut off. */
export async function closeHttp(app: NestFastifyApplication, boundMs = 10_000): Promise<void> {
  const server: { closeAllConnections(): void } = app.getHttpServer();
  const cutOff = setTimeout(() => server.closeAllConnections(), boundMs);
  await app.getHttpAdapter().close();
  clearTimeout(cutOff);
}
