/** A text as literal pieces and the variables between them; `pieces` is one longer than `slots`. */
export interface VariablesOnly {
  readonly pieces: readonly string[];
  readonly slots: readonly Slot[];
}

/** A variable by its path, and what stands there when it has no value. */
interface Slot {
  readonly path: readonly string[];
  readonly fallback: string | null;
}

const slot = /\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?\}\}/g;
/** Words that Liquid reads otherwise than as a property. */
const special = new Set(['true', 'false', 'nil', 'null', 'empty', 'blank', 'size', 'first', 'last', 'forloop', 'and', 'or', 'not', 'contains']);

/**
 * Reads a template in which nothing but `{{ path }}` and `{{ path | default: "text" }}` occurs, or null when
 * there is more to it. Such templates are most of what people write, and need no interpreter.
 */
export function variablesOnly(source: string): VariablesOnly | null {
  const pieces: string[] = [];
  const slots: Slot[] = [];
  let from = 0;
  for (const match of source.matchAll(slot)) {
    const path = (match[1] ?? '').split('.');
    if (path.some((name) => special.has(name))) return null;
    pieces.push(source.slice(from, match.index));
    slots.push({ path, fallback: match[2] ?? match[3] ?? null });
    from = match.index + match[0].length;
  }
  pieces.push(source.slice(from));
  const liquidLeft = pieces.some((piece) => /\{[{%]/.test(piece)) || slots.some(({ fallback }) => /[\\{}]/.test(fallback ?? ''));
  return liquidLeft ? null : { pieces, slots };
}

/** Fills the variables in, or null when one of them is a list or an object, which the interpreter knows how to write. */
export function fill({ pieces, slots }: VariablesOnly, variables: object, escape: (text: string) => string): string | null {
  let out = pieces[0] ?? '';
  let index = 0;
  for (const { path, fallback } of slots) {
    const value = valueAt(variables, path);
    if (!isScalar(value)) return null;
    out += escape(textOf(value, fallback)) + (pieces[(index += 1)] ?? '');
  }
  return out;
}

type Scalar = string | number | boolean | null | undefined;

const isScalar = (value: unknown): value is Scalar =>
  value === null || value === undefined || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** As Liquid's `default` has it: nothing, false and the empty text give way to the fallback. */
function textOf(value: Scalar, fallback: string | null): string {
  if (fallback !== null && (value === undefined || value === null || value === false || value === '')) return fallback;
  return value === undefined || value === null ? '' : String(value);
}

function valueAt(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
