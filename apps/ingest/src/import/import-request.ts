import { checkCsvMap, importKinds, type CsvKind, type CsvMap, type ImportKind } from '@tidings/mapping';

/** What an import's address says of it. */
export interface ImportRequest {
  /** What its rows are read as; those of a list as events that go by its name. */
  readonly kind: CsvKind;
  /** Of a list: which. */
  readonly list: string | null;
  /** The same id and row are the same event, however often they are sent. */
  readonly id: string;
  readonly map: CsvMap;
  /** The number of the first row of this body: files may be sent in parts, each under the header. */
  readonly firstRow: number;
  readonly delimiter: string;
}

type Query = Readonly<Record<string, unknown>>;

/** Reads the query of an import, or says in a sentence what is wrong with it. */
export function readImport(query: Query): ImportRequest | string {
  const kind = importKinds.find((each) => each === query['kind']);
  if (kind === undefined) return `kind must be one of ${importKinds.join(', ')}`;
  const list = readList(kind, query['list']);
  if (list instanceof WrongList) return list.message;
  const { id, delimiter = ',', row = 1 } = query;
  if (!isText(id, /^[A-Za-z0-9._-]{1,64}$/)) return 'id must be 1 to 64 letters, digits, dots, hyphens or underscores';
  const firstRow = Number(row);
  if (!Number.isSafeInteger(firstRow) || firstRow < 1) return 'row must be a whole number from 1';
  if (!isText(delimiter, /^[,;|\t]$/)) return 'delimiter must be a comma, a semicolon, a bar or a tab';
  const map = readMap(query['map']);
  if (typeof map === 'string') return map;
  return { ...rowsOf(kind, list, map), list, id, firstRow, delimiter };
}

const rowsOf = (kind: ImportKind, list: string | null, map: CsvMap): Pick<ImportRequest, 'kind' | 'map'> =>
  kind === 'list' ? { kind: 'events', map: { ...map, eventName: list ?? '' } } : { kind, map };

/** Why a list is none. */
class WrongList {
  constructor(readonly message: string) {}
}

function readList(kind: ImportKind, list: unknown): string | null | WrongList {
  if (kind !== 'list') return list === undefined ? null : new WrongList('list is only possible with kind list');
  return typeof list === 'string' && list !== '' ? list : new WrongList('list must say which list');
}

const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value);

function readMap(text: unknown): CsvMap | string {
  if (text === undefined) return {};
  if (typeof text !== 'string') return 'map must be there once';
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch {
    // The parser's only way to say that a text is not JSON, which is an answer, not a failure.
    return 'map must be JSON';
  }
  const [problem] = checkCsvMap(map);
  return problem === undefined ? (map as CsvMap) : `map.${problem.place}: ${problem.message}`;
}
