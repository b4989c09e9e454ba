import { describe, expect, it } from '@jest/globals';
import { readBase, documents, type Resource } from './base.js';
import { read } from './checkout.js';
import { appsWithRoutes, routesOf } from './code-routes.js';
import { ofKind } from './workload.js';

/** Where a router sends what begins with a path, or fits an expression. */
interface Rule {
  readonly path: string | RegExp;
  readonly service: string;
}

interface IngressSpec {
  readonly rules: readonly { readonly http: { readonly paths: readonly { readonly path: string; readonly pathType: string; readonly backend: { readonly service: { readonly name: string } } }[] } }[];
}
interface RouteSpec {
  readonly rules: readonly { readonly matches: readonly { readonly path: { readonly type: string; readonly value: string } }[]; readonly backendRefs: readonly { readonly name: string }[] }[];
}

const ingress: readonly Rule[] = ofKind<IngressSpec>(readBase('k8s/base').resources, 'Ingress')
  .flatMap(({ spec }) => spec.rules.flatMap(({ http }) => http.paths))
  .map(({ path, pathType, backend }) => ({ path: pathType === 'Prefix' ? path : new RegExp(`^${path}$`), service: backend.service.name }));

const gateway: readonly Rule[] = [...read('deploy/gateway.conf').matchAll(/location (=|~)? ?(\S+) \{ proxy_pass \$(\w+);/g)].map(([, kind, path = '', service = '']) => ({
  path: kind === '~' ? new RegExp(path) : kind === '=' ? new RegExp(`^${path}$`) : path,
  // nginx takes no hyphen in a variable's name.
  service: service.replace('_', '-'),
}));

const httpRoute: readonly Rule[] = (documents(read('k8s/examples/http-route.yaml')) as readonly Resource<RouteSpec>[])
  .flatMap(({ spec }) => spec.rules)
  .flatMap(({ matches, backendRefs }) => matches.map(({ path }) => ({ path: path.type === 'PathPrefix' ? path.value : new RegExp(`^${path.value}$`), service: backendRefs[0]?.name ?? '' })));

/** An expression goes before the longest prefix, as all three routers do it. */
function serviceFor(rules: readonly Rule[], path: string): string | undefined {
  const byExpression = rules.find((rule) => rule.path instanceof RegExp && rule.path.test(path));
  if (byExpression) return byExpression.service;
  const prefixes = rules.filter((rule) => typeof rule.path === 'string' && path.startsWith(rule.path));
  return prefixes.toSorted((a, b) => String(b.path).length - String(a.path).length)[0]?.service;
}

// What ingest puts on Fastify itself, beside Nest's controllers.
const doors = ['/v1/identify', '/v1/batch', '/hooks/sendgrid/x', '/l/x', '/o/x.gif', '/u/x'];
const owned: readonly (readonly [string, string])[] = appsWithRoutes
  .flatMap((app) => routesOf(app).map(({ path }) => [path.replaceAll(/\{\w+\}/g, 'x'), app] as const))
  .concat(doors.map((path) => [path, 'ingest'] as const));

describe.each([['k8s/base/ingress.yaml', ingress], ['deploy/gateway.conf', gateway], ['k8s/examples/http-route.yaml', httpRoute]] as const)('%s', (_name, rules) => {
  it('sends every path to the service that answers it', () => {
    expect(owned.length).toBeGreaterThan(30);
    const wrong = owned.filter(([path, app]) => serviceFor(rules, path) !== app).map(([path, app]) => `${path} belongs to ${app}, not ${serviceFor(rules, path)}`);
    expect(wrong).toEqual([]);
  });
});
