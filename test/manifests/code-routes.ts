import { read, sourcesOf } from './checkout.js';

/** A path that a controller answers, its parameters in braces. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
}

/** What the controllers of an app answer, as its sources say. */
export function routesOf(app: string): readonly ServedRoute[] {
  return sourcesOf(`apps/${app}`).flatMap((file) => {
    const text = read(file);
    const [, prefix = ''] = /@Controller\('([^']*)'\)/.exec(text) ?? [];
    const handlers = [...text.matchAll(/@(Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)/g)];
    return handlers.map(([, method = '', path = '']) => ({
      method: method.toLowerCase(),
      path: `/${[prefix, path].filter(Boolean).join('/')}`.replaceAll(/:(\w+)/g, '{$1}'),
    }));
  });
}

/** The apps that answer HTTP beside their probes. */
export const appsWithRoutes = ['ingest', 'segmentation', 'orchestrator', 'analytics', 'api'] as const;
