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
 * Declares the columns of a set of rows, once, beside the statement that writes them. Each column travels as one array;
 * one of type `jsonb` as one document with an element per row, which neither side has to quote (see the README for figures).
 */
export function rowSet<const C extends Columns>(columns: C): RowSet<C> {
  const spec = Object.entries(columns);
  const names = Object.keys(columns).map(identifier).join(', ');
  const documents = spec.some(([, type]) => type === 'jsonb');
  return {
    names,
    source: (first = 1) => {
      const series = `rows from (${spec.map(([, type], at) => seriesOf(`$${first + at}`, type)).join(', ')})`;
      return documents ? `(select ${spec.map(valueOf).join(', ')} from ${series} as c(${names})) as r` : `${series} as r(${names})`;
    },
    parameters: (rows) => spec.map(([name, type]) => (type === 'jsonb' ? documentOf(rows, name) : arrayLiteral(rows, name, type))),
  };
}

const seriesOf = (parameter: string, type: ColumnType): string =>
  type === 'jsonb' ? `jsonb_array_elements(${parameter}::jsonb)` : `unnest(${parameter}::${type}[])`;

/** A document says null with a value of its own. */
const valueOf = ([name, type]: readonly [string, ColumnType]): string =>
  type === 'jsonb' ? `nullif(c.${identifier(name)}, 'null') as ${identifier(name)}` : `c.${identifier(name)}`;

const documentOf = <C extends Columns>(rows: readonly RowOf<C>[], name: keyof C): string => JSON.stringify(rows.map((row) => row[name]));

/** Joined at once: text that grows by each element leaves four pieces per element to the collector, a tenth of what a service allocated. */
function arrayLiteral<C extends Columns>(rows: readonly RowOf<C>[], name: keyof C, type: ColumnType): string {
  if (rows.length > 0 && rows.every((row) => typeof row[name] === 'string')) return `{"${rows.map((row) => escaped(row[name] as string)).join('","')}"}`;
  return `{${rows.map((row) => element(row[name], type)).join(',')}}`;
}

function element(value: unknown, type: ColumnType): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `"${escaped(typeof value === 'string' ? value : toText(value, type))}"`;
}

const special = /["\\]/;
const escaped = (text: string): string => (special.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text);

function toText(value: unknown, type: ColumnType): string {
  if (value instanceof Date) return value.toISOString();
  throw new TypeError(`a column of type ${type} takes no ${typeof value}`);
}
