import { isObject, type JsonSchema } from './portable-schema.js';

/** A message is read by programs that were written for the published schema; a file is read by us and written for it. */
export type Direction = 'message' | 'file';

interface Comparison {
  readonly published: JsonSchema;
  readonly current: JsonSchema;
  readonly direction: Direction;
  /** Pairs of references that are being compared already: a schema that contains itself is compared once. */
  readonly seen: Set<string>;
}

/**
 * What would break for those who rely on a published schema: fields removed or renamed, fields newly required,
 * types, choices and bounds narrowed, promises withdrawn. Empty when the current schema only adds.
 */
export function incompatibilities(
  published: JsonSchema,
  current: JsonSchema,
  direction: Direction = 'message',
): readonly string[] {
  return compare(published, current, '', { published, current, direction, seen: new Set() });
}

type Rule = (before: JsonSchema, after: JsonSchema, place: string, comparison: Comparison) => readonly string[];

function compare(before: JsonSchema, after: JsonSchema, place: string, comparison: Comparison): readonly string[] {
  const pair = `${String(before['$ref'])} ${String(after['$ref'])}`;
  if ('$ref' in before && '$ref' in after) {
    if (comparison.seen.has(pair)) return [];
    comparison.seen.add(pair);
  }
  const was = resolve(before, comparison.published);
  const is = resolve(after, comparison.current);
  if (variants(was).length > 1 || variants(is).length > 1) return compareVariants(was, is, place, comparison);
  return [compareType, compareChoices, compareBounds, compareForm, compareFields, compareItems].flatMap((rule: Rule) =>
    rule(was, is, place, comparison),
  );
}

function resolve(schema: JsonSchema, document: JsonSchema): JsonSchema {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].replace('#/$defs/', '') : null;
  const definitions = document['$defs'];
  const target = name !== null && isObject(definitions) ? definitions[name] : undefined;
  return isObject(target) ? target : schema;
}

const variants = (schema: JsonSchema): readonly JsonSchema[] =>
  Array.isArray(schema['anyOf']) ? schema['anyOf'].filter(isObject) : [schema];

/** Every variant that was possible must still be: a variant's nearest successor says what is missing. */
const compareVariants: Rule = (was, is, place, comparison) =>
  variants(was).flatMap((variant) => {
    const attempts = variants(is).map((candidate) => {
      const seen = new Set(comparison.seen);
      return compare(variant, candidate, place, { ...comparison, seen });
    });
    const fewest = Math.min(...attempts.map(({ length }) => length));
    return attempts.find(({ length }) => length === fewest) ?? [];
  });

const compareType: Rule = ({ type: was }, { type: is, ...after }, place) => {
  if (is === was || (was === 'integer' && is === 'number')) return [];
  if (is === undefined)
    return 'enum' in after || 'const' in after ? [`${at(place)} no longer takes every ${word(was)}`] : [];
  return [`${at(place)} was ${word(was)} and is ${word(is)}`];
};

const word = (type: unknown): string => (type === undefined ? 'anything' : JSON.stringify(type).replaceAll('"', ''));

const choices = (schema: JsonSchema): readonly unknown[] | null => {
  if (Array.isArray(schema['enum'])) return schema['enum'] as readonly unknown[];
  return 'const' in schema ? [schema['const']] : null;
};

const compareChoices: Rule = (was, is, place) => {
  const before = choices(was);
  const after = choices(is);
  if (after === null) return [];
  if (before === null) return [`${at(place)} took more than ${after.join(', ')}`];
  const gone = before.filter((choice) => !after.includes(choice));
  return gone.length === 0 ? [] : [`${at(place)} no longer is ${gone.join(', ')}`];
};

const lower = ['minimum', 'minLength', 'minItems', 'minProperties'];
const upper = ['maximum', 'maxLength', 'maxItems', 'maxProperties'];
const number = (value: unknown, absent: number): number => (typeof value === 'number' ? value : absent);

const compareBounds: Rule = (was, is, place) => {
  const raised = lower.filter((bound) => number(is[bound], -Infinity) > number(was[bound], -Infinity));
  const lowered = upper.filter((bound) => number(is[bound], Infinity) < number(was[bound], Infinity));
  return [...raised, ...lowered].map((bound) => `${at(place)} has a narrower ${bound}`);
};

const compareForm: Rule = (was, is, place) =>
  ['pattern', 'format']
    .filter((form) => is[form] !== undefined && is[form] !== was[form])
    .map((form) => `${at(place)} has another ${form}`);

const compareFields: Rule = (was, is, place, comparison) => {
  const before = fields(was);
  const after = fields(is);
  const removed = Object.keys(before).filter((field) => !(field in after));
  const required = listed(is).filter((field) => !listed(was).includes(field));
  const withdrawn =
    comparison.direction === 'file' ? [] : listed(was).filter((field) => field in after && !listed(is).includes(field));
  return [
    ...removed.map((field) => `${at(`${place}.${field}`)} is gone`),
    ...required.map((field) => `${at(`${place}.${field}`)} is required and was not`),
    ...withdrawn.map((field) => `${at(`${place}.${field}`)} was always there and is no longer`),
    ...(is['additionalProperties'] === false && was['additionalProperties'] !== false && isRecord(was)
      ? [`${at(place)} no longer takes unknown fields`]
      : []),
    ...Object.entries(before).flatMap(([field, schema]) => {
      const now = after[field];
      return now === undefined ? [] : compare(schema, now, `${place}.${field}`, comparison);
    }),
  ];
};

const isRecord = (schema: JsonSchema): boolean => schema['type'] === 'object';

/** Named fields, and those of a record under the pattern of their names. */
function fields(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const { properties, patternProperties } = schema;
  return {
    ...(isObject(properties) ? properties : {}),
    ...(isObject(patternProperties) ? patternProperties : {}),
  } as Record<string, JsonSchema>;
}

const listed = ({ required }: JsonSchema): readonly string[] => (Array.isArray(required) ? (required as string[]) : []);

const compareItems: Rule = ({ items: was }, { items: is }, place, comparison) => {
  if (!isObject(is)) return [];
  return compare(isObject(was) ? was : {}, is, `${place}[]`, comparison);
};

const at = (place: string): string => (place === '' ? 'the whole' : place.replace(/^\./, ''));
