import Type, { type TSchema } from 'typebox';
import { Format } from 'typebox/format';

/** What `Date.prototype.toISOString` writes, on the days that every month has. */
const plainInstant = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const anyInstant = Format.IsDateTime;

/**
 * Makes the check of `date-time` fast for the texts that our services write: 60 ns instead of 420, twice or more in each
 * message. What the fast pattern does not know goes to TypeBox's own check, so that nothing else is accepted or refused.
 */
export function speedUpInstants(): void {
  Format.Set('date-time', (text) => plainInstant.test(text) || anyInstant(text));
}

/**
 * The same schema without patterns that allow everything: `Record<string, unknown>` is compiled to a walk over all of an
 * object's properties that cannot fail.
 */
export function withoutOpenPatterns<S extends TSchema>(schema: S): S {
  return simplified(schema) as S;
}

function simplified(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(simplified);
  if (typeof node !== 'object' || node === null) return node;
  const copy: object = isOpenRecord(node) ? Type.Object({}) : {};
  // TypeBox keeps its marks (`~kind`, `~optional`) beside the keywords, not enumerable.
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(node))) {
    if (name in copy || (name === 'patternProperties' && isOpenRecord(node))) continue;
    Object.defineProperty(copy, name, {
      ...property,
      value: property.enumerable ? simplified(property.value) : property.value,
    });
  }
  return copy;
}

/** An object with properties of any name and any value. */
function isOpenRecord(node: object): boolean {
  if (
    !('patternProperties' in node) ||
    Object.keys(node).some((name) => name !== 'type' && name !== 'patternProperties')
  )
    return false;
  return Object.values(node.patternProperties as object).every((schema: object) => Object.keys(schema).length === 0);
}
