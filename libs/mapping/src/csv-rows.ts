import type { MappedCall } from './compile-map.js';
import { CsvType, type CsvKind, type CsvMap } from './csv-map.js';
import { BadCell, csvValue } from './csv-value.js';

/** A row that is no call, with the column at fault (empty: the row itself). Names no value of the row. */
export class RefusedRow {
  readonly kind = 'refused-row';

  constructor(
    readonly field: string,
    readonly message: string,
  ) {}
}

/** What the rows of a file become: a call of the Segment specification each, still to be accepted, or a refusal. */
export type RowMap = (cells: readonly string[]) => MappedCall | RefusedRow;

type Role = 'userId' | 'anonymousId' | 'messageId' | 'timestamp' | 'event';
interface Column {
  readonly name: string;
  readonly type: CsvType;
}
interface Value extends Column {
  readonly at: number;
  readonly path: readonly string[];
}
interface Plan {
  readonly kind: CsvKind;
  readonly width: number;
  readonly roles: readonly (readonly [Role, number])[];
  readonly values: readonly Value[];
  readonly eventName: string | null;
}

const roleNames: readonly Role[] = ['userId', 'anonymousId', 'messageId', 'timestamp', 'event'];

/** Columns that are taken for what they are called where the map says nothing else. */
const usual: Readonly<Record<Role, readonly string[]>> = {
  userId: ['userId', 'user_id', 'id'],
  anonymousId: ['anonymousId', 'anonymous_id'],
  messageId: ['messageId', 'message_id'],
  timestamp: ['timestamp'],
  event: ['event'],
};

const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Prepares a file by its header and the map of its columns, or says in a sentence why its rows cannot be understood. */
export function compileRows(kind: CsvKind, header: readonly string[], map: CsvMap): RowMap | string {
  const columns = header.map(columnOf);
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `the header names the column "${twice}" twice`;
  const missing = namedIn(map).find((name) => !names.includes(name));
  if (missing !== undefined) return `the header has no column "${missing}"`;
  const roles = rolesOf(kind, names, map);
  const fault = roleFault(kind, roles, map);
  if (fault !== null) return fault;
  const values = valuesOf(columns, map, new Set(roles.map(([, at]) => at)));
  const bad = values.find(({ path }) => path.some((part) => part === '' || forbidden.has(part)));
  if (bad !== undefined) return `the column "${bad.name}" cannot go by that name`;
  const plan: Plan = { kind, width: header.length, roles, values, eventName: map.eventName ?? null };
  return (cells) => callOf(plan, cells);
}

/** `age:number` is the column `age` of type number. */
function columnOf(text: string): Column {
  const at = text.lastIndexOf(':');
  const type = CsvType.enum.find((each) => each === text.slice(at + 1));
  return at > 0 && type !== undefined ? { name: text.slice(0, at).trim(), type } : { name: text.trim(), type: 'text' };
}

const namedIn = (map: CsvMap): readonly string[] => [
  ...roleNames.flatMap((role) => map[role] ?? []),
  ...Object.keys(map.columns ?? {}),
];

function rolesOf(kind: CsvKind, names: readonly string[], map: CsvMap): (readonly [Role, number])[] {
  return roleNames.flatMap((role) => {
    if (role === 'event' && (kind === 'profiles' || map.eventName !== undefined)) return [];
    const name = map[role] ?? usual[role].find((each) => names.includes(each) && map.columns?.[each] === undefined);
    return name === undefined ? [] : [[role, names.indexOf(name)] as const];
  });
}

function roleFault(kind: CsvKind, roles: readonly (readonly [Role, number])[], map: CsvMap): string | null {
  const has = (role: Role) => roles.some(([each]) => each === role);
  if (!has('userId') && !has('anonymousId')) return 'no column says whose a row is: call one userId, or name it in the map';
  if (kind === 'profiles' && (map.event ?? map.eventName) !== undefined) return 'profiles have no event: import events';
  if (kind === 'events' && map.eventName === undefined && !has('event'))
    return 'no column names the event: call one event, or give eventName in the map';
  return null;
}

function valuesOf(columns: readonly Column[], map: CsvMap, taken: ReadonlySet<number>): Value[] {
  return columns.flatMap((column, at): Value[] => {
    const said = saidOf(column.name, map);
    if (taken.has(at) || said === null) return [];
    const { as = column.name, type = column.type } = said;
    return [{ at, name: column.name, type, path: as.split('.') }];
  });
}

/** What the map says of a column; null when it is left out. */
function saidOf(name: string, { columns, others }: CsvMap): { readonly as?: string; readonly type?: CsvType } | null {
  const said = columns?.[name];
  if (said === undefined) return others === 'leave' ? null : {};
  return typeof said === 'string' ? { as: said } : said;
}

function callOf(plan: Plan, cells: readonly string[]): MappedCall | RefusedRow {
  const { kind, width, roles, eventName } = plan;
  if (cells.length !== width) return refused('', `has ${cells.length} cells where the header has ${width}`);
  const bag = bagOf(plan.values, cells);
  if (isRefusedRow(bag)) return bag;
  const call: Record<string, unknown> = kind === 'profiles' ? { type: 'identify', traits: bag } : { type: 'track', properties: bag };
  if (eventName !== null) call['event'] = eventName;
  for (const [role, at] of roles) if (cells[at] !== '') call[role] = cells[at];
  return call;
}

function bagOf(values: readonly Value[], cells: readonly string[]): Readonly<Record<string, unknown>> | RefusedRow {
  const bag: Record<string, unknown> = {};
  for (const { at, name, type, path } of values) {
    const text = cells[at] ?? '';
    if (text.includes('\uFFFD')) return refused(name, 'holds bytes that are not UTF-8');
    if (text === '') continue;
    const value = csvValue(text, type);
    if (value instanceof BadCell) return refused(name, value.message);
    if (!put(bag, path, value)) return refused(name, "has a name inside another column's value");
  }
  return bag;
}

function put(bag: Record<string, unknown>, path: readonly string[], value: unknown): boolean {
  let into = bag;
  for (const part of path.slice(0, -1)) {
    const next = (into[part] ??= {});
    if (typeof next !== 'object' || next === null || Array.isArray(next)) return false;
    into = next as Record<string, unknown>;
  }
  into[path.at(-1) ?? ''] = value;
  return true;
}

const refused = (field: string, message: string): RefusedRow => new RefusedRow(field, message);

/** Tells a refusal from a call. */
export const isRefusedRow = (row: MappedCall | RefusedRow): row is RefusedRow => row instanceof RefusedRow;
