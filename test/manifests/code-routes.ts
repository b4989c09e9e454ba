import { read, sourcesOf } from './checkout.js';

/** A path that a controller answers, its parameters in braces. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
}

const served = (method: string, parts: readonly string[]): ServedRoute => ({
  method: method.toLowerCase(),
  path: `/${parts.filter(Boolean).join('/')}`.replaceAll(/:(\w+)/g, '{$1}'),
});

/** The sources of the lib's class that a controller takes its methods from; none for one that has them all itself. */
function extended(text: string): string {
  const [, base] = /class \w+ extends (\w+)/.exec(text) ?? [];
  if (base === undefined) return '';
  return sourcesOf('libs/dispatch').map(read).filter((source) => source.includes(`abstract class ${base} `)).join('');
}

/** What the controllers of an app answer, and what it puts straight onto Fastify, as its sources say. */
export function routesOf(app: string): readonly ServedRoute[] {
  return sourcesOf(`apps/${app}`).flatMap((file) => {
    const text = read(file);
    const [, prefix = ''] = /@Controller\('([^']*)'\)/.exec(text) ?? [];
    const handlers = [...`${text}${extended(text)}`.matchAll(/@(Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)/g)];
    const raw = [...text.matchAll(/scope\.(get|post)\('\/(api\/[^']*)'/g)];
    return [...handlers.map(([, method = '', path = '']) => served(method, [prefix, path])), ...raw.map(([, method = '', path = '']) => served(method, [path]))];
  });
}

/** The apps that answer HTTP beside their probes. */
export const appsWithRoutes = ['ingest', 'segmentation', 'orchestrator', 'dispatcher-push', 'dispatcher-email', 'analytics', 'api'] as const;
