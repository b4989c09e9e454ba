import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Installation } from '../harness/installation.js';
import { appsWithRoutes, routesOf } from '../manifests/code-routes.js';

interface Operation {
  readonly security: readonly object[];
  readonly requestBody?: object;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

describe('the OpenAPI document of a running installation', () => {
  let here: Installation;
  let operations: readonly (Operation & { readonly method: string; readonly path: string })[];
  beforeAll(async () => {
    here = await Installation.start({ form: 'standalone' });
    const { paths } = await here.api<OpenApi>('GET', '/api/openapi.json');
    operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method, path, ...operation })));
  }, 120_000);
  afterAll(() => here.stop(), 60_000);

  const statusOf = async (method: string, path: string, requestBody?: object): Promise<number> => {
    const body = requestBody === undefined ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
    const { status } = await fetch(here.urlOf(path.replaceAll(/\{\w+\}/g, 'x')), { method: method.toUpperCase(), ...body });
    return status;
  };

  it('describes nothing that is not there: every path knows who may call it, and asks for the key', async () => {
    expect(operations.length).toBeGreaterThan(30);
    // Who has no key hears 401 of a path that is served, whatever it is asked for, and 404 of one that is not.
    expect(await statusOf('get', '/api/v1/there-is-no-such-path')).toBe(404);
    const keyed = operations.filter(({ path }) => path.startsWith('/api/'));
    const answers = await Promise.all(
      keyed.map(async ({ method, path, security, requestBody }) => [`${method} ${path}`, security.length, await statusOf(method, path, requestBody)]),
    );
    expect(answers).toEqual(keyed.map(({ method, path }) => [`${method} ${path}`, 1, 401]));
  });

  it('describes everything that is served below /api/v1', () => {
    const below = (routes: readonly { readonly method: string; readonly path: string }[]) =>
      routes.filter(({ path }) => path.startsWith('/api/v1/')).map(({ method, path }) => `${method} ${path}`).toSorted();
    expect(below(operations)).toEqual(below(appsWithRoutes.flatMap(routesOf)));
  });

  it('says which paths answer lists, page by page', async () => {
    const lists = operations.filter(({ method, path, parameters }) => method === 'get' && !path.includes('{') && parameters.some(({ name }) => name === 'after'));
    expect(lists.length).toBeGreaterThan(6);
    const pages = await Promise.all(lists.map(async ({ path }) => [path, Object.keys(await here.api<object>('GET', `${path}?limit=1`)).toSorted()]));
    expect(pages).toEqual(lists.map(({ path }) => [path, ['items', 'next']]));
  });
});
