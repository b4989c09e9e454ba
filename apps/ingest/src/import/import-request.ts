import { checkCsvMap, csvKinds, type CsvKind, type CsvMap } from '@tidings/mapping';

/** What an import's address says of it. */
export interface ImportRequest {
  readonly kind: CsvKind;
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
  const kind = csvKinds.find((each) => each === query['kind']);
  if (kind === undefined) return `kind must be one of ${csvKinds.join(', ')}`;
  const { id, delimiter = ',', row = 1 } = query;
  if (!isText(id, /^[A-Za-z0-9._-]{1,64}$/)) return 'id must be 1 to 64 letters, digits, dots, hyphens or underscores';
  const firstRow = Number(row);
  if (!Number.isSafeInteger(firstRow) || firstRow < 1) return 'row must be a whole number from 1';
  if (!isText(delimiter, /^[,;|\t]$/)) return 'delimiter must be a comma, a semicolon, a bar or a tab';
  const map = readMap(query['map']);
  return typeof map === 'string' ? map : { kind, id, map, firstRow, delimiter };
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
