import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Type, { type TSchema } from 'typebox';
import { incompatibilities } from './compatibility.js';
import { portable, type JsonSchema } from './portable-schema.js';
import { breakages, publishedSchemas } from './published-schemas.js';

const plain = (schema: TSchema): JsonSchema => {
  const { schema: own, definitions } = portable(schema, '#/$defs/');
  return { ...own, $defs: definitions };
};
const before = Type.Object({
  id: Type.String({ maxLength: 10 }),
  count: Type.Integer({ minimum: 1 }),
  note: Type.Optional(Type.String()),
  lane: Type.Enum(['bulk', 'triggered']),
  place: Type.Object({ city: Type.String() }),
  list: Type.Array(Type.Number(), { maxItems: 5 }),
  bag: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  one: Type.Union([
    Type.Object({ kind: Type.Literal('a'), a: Type.String() }),
    Type.Object({ kind: Type.Literal('b') }),
  ]),
});
const { properties } = before;
const with_ = (changed: Record<string, TSchema>): TSchema => Type.Object({ ...properties, ...changed });
const without = (field: keyof typeof properties): TSchema =>
  Type.Object(Object.fromEntries(Object.entries(properties).filter(([name]) => name !== field)));

describe('a change of a published schema', () => {
  it.each<[string, TSchema]>([
    ['nothing', before],
    ['an optional field', with_({ more: Type.Optional(Type.String()) })],
    ['another choice', with_({ lane: Type.Enum(['bulk', 'triggered', 'transactional']) })],
    [
      'another variant',
      with_({ one: Type.Union([...properties.one.anyOf, Type.Object({ kind: Type.Literal('c') })]) }),
    ],
    [
      'an optional field in a variant',
      with_({
        one: Type.Union([
          Type.Object({ kind: Type.Literal('a'), a: Type.String(), z: Type.Optional(Type.Null()) }),
          properties.one.anyOf[1],
        ]),
      }),
    ],
    ['a wider bound', with_({ id: Type.String({ maxLength: 11 }), count: Type.Integer() })],
    ['a wider type', with_({ count: Type.Number({ minimum: 1 }) })],
    ['null beside what it was', with_({ place: Type.Union([properties.place, Type.Null()]) })],
  ])('may add %s', (_, after) => {
    expect(incompatibilities(plain(before), plain(after))).toEqual([]);
  });

  it.each<[string, TSchema, string]>([
    ['a field that goes', without('note'), 'note is gone'],
    [
      'a field that is renamed',
      Type.Object({ ...(without('id') as typeof before).properties, key: Type.String() }),
      'id is gone',
    ],
    ['a new field that everybody must send', with_({ more: Type.String() }), 'more is required and was not'],
    ['an optional field that everybody must send', with_({ note: Type.String() }), 'note is required and was not'],
    [
      'a field that may now be missing',
      with_({ id: Type.Optional(properties.id) }),
      'id was always there and is no longer',
    ],
    ['another type', with_({ id: Type.Number() }), 'id was string and is number'],
    [
      'a narrower type',
      with_({ list: Type.Array(Type.Integer(), { maxItems: 5 }) }),
      'list[] was number and is integer',
    ],
    ['a choice that goes', with_({ lane: Type.Enum(['bulk']) }), 'lane no longer is triggered'],
    [
      'a choice where all was allowed',
      with_({ note: Type.Optional(Type.Enum(['x'])) }),
      'note no longer takes every string',
    ],
    ['a narrower bound', with_({ id: Type.String({ maxLength: 9 }) }), 'id has a narrower maxLength'],
    ['a new form', with_({ id: Type.String({ maxLength: 10, format: 'uuid' }) }), 'id has another format'],
    ['a nested field that goes', with_({ place: Type.Object({}) }), 'place.city is gone'],
    ['a variant that goes', with_({ one: properties.one.anyOf[0] }), 'one.kind no longer is b'],
    ['a narrower bag', with_({ bag: Type.Record(Type.String(), Type.String()) }), 'bag.^.*$ was number and is string'],
    [
      'an object that was open and is closed',
      Type.Object(properties, { additionalProperties: false }),
      'the whole no longer takes unknown fields',
    ],
  ])('must not bring %s', (_, after, problem) => {
    expect(incompatibilities(plain(before), plain(after))).toContain(problem);
  });

  it('may let a person leave out what a file had to say', () => {
    expect(incompatibilities(plain(before), plain(with_({ id: Type.Optional(properties.id) })), 'file')).toEqual([]);
  });

  it('is found in a schema that contains itself', () => {
    const tree = (leaf: TSchema) =>
      plain(Type.Cyclic({ Node: Type.Union([Type.Object({ all: Type.Array(Type.Ref('Node')) }), leaf]) }, 'Node'));
    const was = tree(Type.Object({ trait: Type.String() }));
    expect(
      incompatibilities(was, tree(Type.Object({ trait: Type.String(), note: Type.Optional(Type.String()) }))),
    ).toEqual([]);
    expect(incompatibilities(was, tree(Type.Object({ property: Type.String() })))).toContain('trait is gone');
  });
});

describe('the published schemas', () => {
  const folder = join(import.meta.dirname, '../published');
  const kept = Object.fromEntries(
    readdirSync(folder).map((file) => [
      basename(file, '.json'),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonSchema,
    ]),
  );

  it('are not broken by the current ones', () => {
    expect(breakages(kept)).toEqual([]);
  });

  it('are the current ones; what was added is accepted with `node libs/contracts/publish.mjs`', () => {
    expect(kept).toEqual(Object.fromEntries(publishedSchemas().map(({ name, schema }) => [name, schema])));
  });
});
