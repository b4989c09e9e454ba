import { identifier } from './identifier.js';

/** The types a column of a set-based statement may have; lists and objects travel as `jsonb`. */
export type ColumnType = 'text' | 'uuid' | 'bool' | 'int4' | 'int8' | 'float8' | 'date' | 'timestamptz' | 'jsonb';

/** Names and types of the columns of a set of rows, in the order in which SQL sees them. */
export type Columns<Name extends string = string> = Readonly<Record<Name, ColumnType>>;

/** A row for such columns; a column that is null or undefined is NULL. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: unknown };

/** A set of rows as one statement takes it in: a piece of SQL, and the parameters that belong to it. */
export interface RowSet<C extends Columns> {
  /** The column names, as an insert lists them. */
  readonly names: string;
  /** The rows as a source for `from`, aliased `r`; its parameters are `$first` and those behind it, so it comes last. */
  source(first?: number): string;
  parameters(rows: readonly RowOf<C>[]): string[];
}

/**
 * Declares the columns of a set of rows, once, beside the statement that writes them. Flat rows travel as one array per
 * column, rows with `jsonb` as one document: each is the faster for its kind (see the README for the figures).
 */
export function rowSet<const C extends Columns>(columns: C): RowSet<C> {
  return Object.values(columns).includes('jsonb') ? asDocument(columns) : asArrays(columns);
}

function asArrays<C extends Columns>(spec: C): RowSet<C> {
  const types = Object.values(spec);
  const names = nameList(spec);
  return {
    names,
    source: (first = 1) => `unnest(${types.map((type, at) => `$${first + at}::${type}[]`).join(', ')}) as r(${names})`,
    parameters: (rows) => Object.entries(spec).map(([name, type]) => arrayLiteral(rows, name, type)),
  };
}

function asDocument<C extends Columns>(spec: C): RowSet<C> {
  const typed = Object.entries(spec).map(([name, type]) => `${identifier(name)} ${type}`);
  return {
    names: nameList(spec),
    source: (first = 1) => `jsonb_to_recordset($${first}::jsonb) as r(${typed.join(', ')})`,
    parameters: (rows) => [JSON.stringify(rows)],
  };
}

const nameList = (spec: Columns): string => Object.keys(spec).map(identifier).join(', ');

function arrayLiteral<C extends Columns>(rows: readonly RowOf<C>[], name: keyof C, type: ColumnType): string {
  let literal = '{';
  for (const row of rows) literal += (literal === '{' ? '' : ',') + element(row[name], type);
  return literal + '}';
}

function element(value: unknown, type: ColumnType): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = type === 'jsonb' || typeof value !== 'string' ? toText(value, type) : value;
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

function toText(value: unknown, type: ColumnType): string {
  if (type === 'jsonb') return JSON.stringify(value);
  if (value instanceof Date) return value.toISOString();
  throw new TypeError(`a column of type ${type} takes no ${typeof value}`);
}
