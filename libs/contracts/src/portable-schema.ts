import type { TSchema } from 'typebox';

/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema that stands on its own, and the definitions that it refers to by name. */
export interface PortableSchema {
  readonly schema: JsonSchema;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

/** A schema as other programs read it: plain JSON whose references point to `<root><name>` of the document it is put in. */
export function portable(schema: TSchema, root: string): PortableSchema {
  const definitions: Record<string, JsonSchema> = {};
  const copy = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(copy);
    if (!isObject(node)) return node;
    const { $defs, $ref, $id: _, ...rest } = node;
    for (const [name, definition] of Object.entries($defs ?? {})) definitions[name] = copy(definition) as JsonSchema;
    const copied = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, copy(value)]));
    return typeof $ref === 'string' ? { ...copied, $ref: root + $ref } : copied;
  };
  return { schema: copy(JSON.parse(JSON.stringify(schema))) as JsonSchema, definitions };
}

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
