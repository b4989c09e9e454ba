import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { versionPattern } from './definitions/comparisons.js';
import { idPattern } from './definitions/definition-id.js';
import { daysPattern, durationPattern } from './definitions/duration.js';
import { pathPattern } from './definitions/journey-definition.js';
import { momentPattern } from './definitions/moment.js';
import { headerPattern, topicPattern } from './definitions/source-definition.js';

/** What is wrong with a document and where: `place` is a path such as `steps[1].delay`, empty for all of it. */
export interface ShapeProblem {
  readonly place: string;
  readonly message: string;
}

interface ShapeError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: unknown;
}

/** A check of documents against a schema, in words that a person who wrote the document understands. */
export function shapeCheck(schema: TSchema): (document: unknown, place?: string) => ShapeProblem[] {
  const compiled = Compile(schema);
  return (document, place = '') => {
    if (compiled.Check(document)) return [];
    const errors: readonly ShapeError[] = compiled.Errors(document);
    return distinct(withoutUnions(errors).flatMap((error) => inWords(error, place)));
  };
}

const unknownField = 'there is no such field';

const distinct = (problems: readonly ShapeProblem[]): ShapeProblem[] => [
  ...new Map(problems.map((problem) => [`${problem.place} ${problem.message}`, problem])).values(),
];

/**
 * What is wrong with something that may be one of several is wrong with the one whose type it has; where it has the type of
 * none, it is told once which there are. Nested ones come before those around them.
 */
function withoutUnions(errors: readonly ShapeError[]): readonly ShapeError[] {
  return errors.filter(({ keyword }) => keyword === 'anyOf').reduce(withoutUnion, errors);
}

function withoutUnion(errors: readonly ShapeError[], union: ShapeError): readonly ShapeError[] {
  const isOurs = ({ schemaPath }: ShapeError) => schemaPath.startsWith(`${union.schemaPath}/anyOf/`);
  const isTypeOfIt = ({ keyword, instancePath }: ShapeError) => keyword === 'type' && instancePath === union.instancePath;
  const ours = errors.filter(isOurs);
  const said = ours.filter((error) => !isTypeOfIt(error));
  const types = ours.filter(isTypeOfIt).flatMap(({ params }) => typesOf(params));
  const told = said.length > 0 || types.length === 0 ? said : [{ ...union, keyword: 'type', params: { type: types } }];
  return errors.flatMap((error) => (error === union ? told : isOurs(error) ? [] : [error]));
}

function inWords({ keyword, instancePath, message, params }: ShapeError, root: string): ShapeProblem[] {
  const place = joined(root, instancePath);
  switch (keyword) {
    // An unknown field is told twice, by its place here and by its name below; where there are very many, not all are told.
    case 'boolean':
      return [{ place, message: unknownField }];
    case 'additionalProperties':
      return names(params, 'additionalProperties').map((field) => ({
        place: joined(place, `/${field}`),
        message: unknownField,
      }));
    case 'required':
      return names(params, 'requiredProperties').map((field) => ({ place: joined(place, `/${field}`), message: 'is missing' }));
    case 'type':
      return [{ place, message: `must be ${oneOf(typesOf(params).map((type) => typeNames[type] ?? type))}` }];
    case 'enum':
      return [{ place, message: `must be ${oneOf(listOf(params, 'allowedValues').map((value) => (typeof value === 'string' ? value : JSON.stringify(value))))}` }];
    case 'const':
      return [{ place, message: `must be ${JSON.stringify(valueOf(params, 'allowedValue'))}` }];
    case 'pattern':
      return [{ place, message: wordsOf(params) ?? message }];
    default:
      return [{ place, message }];
  }
}

const patterns = [durationPattern, daysPattern, momentPattern, versionPattern, idPattern, pathPattern, topicPattern, headerPattern];

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

const oneOf = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`);

const typesOf = (params: unknown): readonly string[] => [valueOf(params, 'type')].flat().filter((type) => typeof type === 'string');

/** What a pattern means, where people have words for it. */
const wordsOf = (params: unknown): string | undefined =>
  typeof params === 'object' && params !== null
    ? patterns.find(({ pattern }) => pattern === String(Reflect.get(params, 'pattern')))?.words
    : undefined;

const names = (params: unknown, key: string): readonly string[] => listOf(params, key).filter((name) => typeof name === 'string');

function listOf(params: unknown, key: string): readonly unknown[] {
  const found = valueOf(params, key);
  return Array.isArray(found) ? found : [];
}

const valueOf = (params: unknown, key: string): unknown => (typeof params === 'object' && params !== null ? Reflect.get(params, key) : undefined);

/** `steps` and `/1/delay` make `steps[1].delay`. */
function joined(root: string, pointer: string): string {
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), root);
}
