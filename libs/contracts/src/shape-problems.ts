import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { versionPattern } from './definitions/comparisons.js';
import { daysPattern, durationPattern } from './definitions/duration.js';
import { momentPattern } from './definitions/moment.js';

/** What is wrong with a document and where: `place` is a path such as `steps[1].delay`, empty for all of it. */
export interface ShapeProblem {
  readonly place: string;
  readonly message: string;
}

interface ShapeError {
  readonly keyword: string;
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
    return distinct(errors.flatMap((error) => inWords(error, place)));
  };
}

const unknownField = 'there is no such field';

const distinct = (problems: readonly ShapeProblem[]): ShapeProblem[] => [
  ...new Map(problems.map((problem) => [`${problem.place} ${problem.message}`, problem])).values(),
];

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
    case 'pattern':
      return [{ place, message: wordsOf(params) ?? message }];
    default:
      return [{ place, message }];
  }
}

/** What a pattern means, where people have words for it. */
const wordsOf = (params: unknown): string | undefined =>
  typeof params === 'object' && params !== null
    ? [durationPattern, daysPattern, momentPattern, versionPattern].find(({ pattern }) => pattern === String(Reflect.get(params, 'pattern')))?.words
    : undefined;

function names(params: unknown, key: string): readonly string[] {
  const found: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, key) : undefined;
  return Array.isArray(found) ? found.filter((name): name is string => typeof name === 'string') : [];
}

/** `steps` and `/1/delay` make `steps[1].delay`. */
function joined(root: string, pointer: string): string {
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), root);
}
