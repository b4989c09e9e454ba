import { routes, type Route } from './routes.js';

const problem = { $ref: '#/components/schemas/Problem' };
const components = {
  securitySchemes: {
    secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key, `tidings_secret_...`' },
    writeKey: { type: 'http', scheme: 'basic', description: 'A write key as user name, an empty password' },
  },
  schemas: {
    Problem: {
      type: 'object',
      description: 'RFC 9457',
      required: ['type', 'title', 'status'],
      properties: { type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } },
    },
  },
};

/** The OpenAPI 3.1 document of every path that apps, back ends, the console and the command line call. */
export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tidings',
      version: '1',
      description: 'Events in, decisions and outcomes out. Lists answer `{ items, next }`: pass `next` as `after` to go on.',
    },
    servers: [{ url: '/' }],
    paths,
    components,
  };
}

function operation(route: Route): object {
  const { summary, access, body } = route;
  const scoped = access !== 'public' && access !== 'writeKey';
  return {
    summary,
    ...(scoped ? { description: `Needs the scope \`${access}\`.` } : {}),
    parameters: parametersOf(route),
    security: securityOf(access),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: responsesOf(route),
  };
}

function parametersOf({ path, lists, query = [] }: Route): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const inQuery = [...(lists ? ['limit', 'after'] : []), ...query];
  return [...inPath, ...inQuery.map((name) => ({ name, in: 'query', schema: { type: name === 'limit' ? 'integer' : 'string' } }))];
}

function securityOf(access: Route['access']): object[] {
  if (access === 'public') return [];
  return [access === 'writeKey' ? { writeKey: [] } : { secretKey: [] }];
}

function responsesOf({ access, answer, lists, status = 200 }: Route): object {
  const schema = answer && lists ? listOf(answer) : answer;
  const content = schema ? { content: { 'application/json': { schema } } } : {};
  return { [status]: { description: 'Done', ...content }, ...(access === 'writeKey' ? refusals : problems) };
}

const listOf = (item: object): object => ({
  type: 'object',
  required: ['items', 'next'],
  properties: { items: { type: 'array', items: item }, next: { type: ['string', 'null'] } },
});

const problems = {
  default: { description: 'Refused, with the reason', content: { 'application/problem+json': { schema: problem } } },
};
const refusals = {
  '400': { description: 'What is wrong, with the field' },
  '401': { description: 'No write key of ours' },
  '413': { description: 'Over 500 KB, or an event over 32 KB' },
  '429': { description: 'Over the rate; see Retry-After' },
  '503': { description: 'Not durable yet; see Retry-After' },
};
