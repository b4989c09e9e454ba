import type { Route } from './routes.js';

const object = (properties: Readonly<Record<string, object>>, more: object = { type: 'object' }) => ({ ...more, properties });
const orNull = { type: ['object', 'null'] };
const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };
const count = { type: 'integer' };
const maybe = { type: ['string', 'null'], format: 'date-time' };

const changed = object({ kind: { enum: ['segment', 'computed-trait'] }, id: text, version: count, status: { enum: ['published', 'archived'] }, publishedAt: instant });
const ended = object({ publishedAt: maybe, startedAt: instant, toldAt: instant, finishedAt: instant, profiles: count, left: count }, orNull);

/** How far segments have been worked out for existing profiles, as it is described to callers. */
export const segmentProgress: Route = {
  method: 'get',
  path: '/api/v1/segments/progress',
  summary: 'How far what was published, changed or archived last has been worked out for the profiles that were there before',
  access: 'read',
  answer: object({
    state: { enum: ['waiting', 'computing', 'checking', 'done'], description: '`checking`: all were told once, and newcomers of the meantime are looked for' },
    publishedAt: { ...maybe, description: 'When the newest change was published' },
    changed: { type: 'array', items: changed, description: 'What was published since the last one that came to its end, the newest first, at most 50' },
    profiles: object({ done: count, of: count, method: { enum: ['exact', 'estimated'] } }, orNull),
    share: { type: 'number' },
    perSecond: { type: ['integer', 'null'], description: 'Lately; when all were told, over all' },
    startedAt: maybe,
    steppedAt: { ...maybe, description: 'When it last went forward' },
    toldAt: { ...maybe, description: 'When all were told once' },
    expectedAt: { ...maybe, description: 'When that will be so, at this rate' },
    finishedAt: maybe,
    left: { ...count, description: 'Profiles that were left for later: they failed, or what they did is still on its way. When it is done: those that were not told yet' },
    last: ended,
  }),
};
