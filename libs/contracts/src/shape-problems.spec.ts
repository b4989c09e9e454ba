import { describe, expect, it } from '@jest/globals';
import Type, { type TSchema } from 'typebox';
import { Scalar } from './definitions/comparisons.js';
import { DefinitionId } from './definitions/definition-id.js';
import { Duration } from './definitions/duration.js';
import { Moment } from './definitions/moment.js';
import { SourceDefinition } from './definitions/source-definition.js';
import { shapeCheck } from './shape-problems.js';

const closed = { additionalProperties: false } as const;
const Thing = Type.Object(
  {
    is: Type.Optional(Type.Enum(['agreed', 'declined', 'unasked'])),
    equals: Type.Optional(Scalar),
    names: Type.Optional(Type.Union([Type.String({ minLength: 2 }), Type.Array(Type.String(), { minItems: 1 })])),
    pair: Type.Optional(Type.Array(Type.Union([Type.Number(), Moment]), { minItems: 2, maxItems: 2 })),
    id: Type.Optional(DefinitionId),
    withinLast: Type.Optional(Duration),
    snapshot: Type.Optional(Type.Literal(true)),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);

describe('what is wrong with a document', () => {
  it.each<[string, TSchema, unknown, string[]]>([
    ['nothing', Thing, { is: 'agreed', equals: null, names: 'ab', pair: [1, '2026-03-10'] }, []],
    ['another type', Thing, { count: 'x' }, ['count: must be a whole number']],
    ['no object', Thing, null, [': must be an object']],
    ['a word that is none of those there are', Thing, { is: 'yes' }, ['is: must be agreed, declined or unasked']],
    ['another constant', Thing, { snapshot: false }, ['snapshot: must be true']],
    ['none of the types there are, told once', Thing, { equals: [] }, ['equals: must be a text, a number, true or false or null']],
    ['the type of one of several, but not its bounds', Thing, { names: 'a' }, ['names: must not have fewer than 2 characters']],
    ['the type of another of several', Thing, { names: [] }, ['names: must not have fewer than 1 items']],
    ['a pattern of one of several', Thing, { pair: [1, 'soon'] }, ['pair[1]: must be a date such as 2026-03-10, or an instant such as 2026-03-10T09:00:00Z']],
    ['an id that is none', Thing, { id: 'Big Spenders' }, ['id: must be small letters, digits and hyphens, at most 63, such as big-spenders']],
    ['a duration that is none', Thing, { withinLast: '5 days' }, ['withinLast: must be a whole number and a unit (s, m, h, d or w), such as 30m or 7d']],
    ['an unknown field', Thing, { equal: 1 }, ['equal: there is no such field']],
    ['a topic that is none', SourceDefinition, { id: 'a', kafka: { topic: 'my orders' }, map: 'x' }, ['kafka.topic: must be the full name of a topic: letters, digits, dots, _ and -']],
  ])('tells %s', (_, schema, document, expected) => {
    expect(shapeCheck(schema)(document).map(({ place, message }) => `${place}: ${message}`)).toEqual(expected);
  });
});
