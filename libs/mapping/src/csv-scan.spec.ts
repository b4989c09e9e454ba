import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { asUtf8 } from './as-utf8.js';
import { csvCells } from './csv-cells.js';
import { CsvScan } from './csv-scan.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The rows of a file that comes in these pieces, as whoever reads it makes them. */
function rowsOf(pieces: readonly Uint8Array[], delimiter = ','): { readonly rows: string[][]; readonly fault: string | null } {
  const scan = new CsvScan(delimiter);
  const rows: string[][] = [];
  let held: Uint8Array[] = [];
  const row = () => rows.push(csvCells(decoder.decode(Buffer.concat(held)), delimiter));
  for (const piece of pieces) {
    let from = 0;
    for (const end of scan.ends(piece)) {
      held.push(piece.subarray(from, end));
      row();
      [from, held] = [end, []];
    }
    held.push(piece.subarray(from));
  }
  if (scan.endsInRow()) row();
  return { rows, fault: scan.fault };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inPieces = (all: Uint8Array, length: number): Uint8Array[] => Array.from({ length: Math.ceil(all.length / length) }, (_none, index) => all.subarray(index * length, (index + 1) * length));

describe('rows of a CSV file', () => {
  it.each<[string, string, string[][]]>([
    ['end with their lines', 'a,b\n1,2\n', [['a', 'b'], ['1', '2']]],
    ['end with the file', 'a,b\n1,2', [['a', 'b'], ['1', '2']]],
    ['end in CRLF', 'a,b\r\n1,2\r\n', [['a', 'b'], ['1', '2']]],
    ['end in CR where the first does', 'a,b\r1,2\r', [['a', 'b'], ['1', '2']]],
    ['end in LF and CRLF, which files put together do', 'a,b\n1,2\r\n3,4\n', [['a', 'b'], ['1', '2'], ['3', '4']]],
    ['hold a CR that ends nothing', 'a,b\n1\r2,3\n', [['a', 'b'], ['1\r2', '3']]],
    ['are not blank lines', '\n\r\na\n\n\r\n1\n\n', [['a'], ['1']]],
    ['may be one empty cell in quotes', 'a\n""\n', [['a'], ['']]],
    ['have empty cells', ',\n,,\n"",\n', [['', ''], ['', '', ''], ['', '']]],
    ['hold what is in quotes', '"a,""b""\r\n",c\n"1\n\n",2\n', [['a,"b"\r\n', 'c'], ['1\n\n', '2']]],
    ['hold quotes that open nothing', 'a"b",c\n 1",2"\n', [['a"b"', 'c'], [' 1"', '2"']]],
    ['keep quotes that close too early', '"a"b,c\n"x""y"z"\n,d\n', [['"a"b', 'c'], ['"x"y"z"'], ['', 'd']]],
    ['may begin behind a byte order mark, in quotes too', '\uFEFF"a",b\n1,2\n', [['a', 'b'], ['1', '2']]],
    ['hold letters of any script', 'имя,b\nЁж,🦔\n', [['имя', 'b'], ['Ёж', '🦔']]],
    ['may be none', '', []],
    ['may be none but a mark', '\uFEFF\n', []],
  ])('%s', (_name, text, expected) => {
    for (const length of [1, 2, 3, 1000]) expect(rowsOf(inPieces(bytes(text), length))).toEqual({ rows: expected, fault: null });
  });

  it('are those of csv-parse, wherever the file is cut', () => {
    const texts = fc.array(fc.constantFrom('a', 'é', ' ', ',', ',', '"', '"', '\n', '\n', '""'), { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, fc.constantFrom('\n', '\r\n', '\r'), fc.integer({ min: 1, max: 12 }), (text, lineEnd, length) => {
        const file = text.replaceAll('\n', lineEnd);
        const found = rowsOf(inPieces(bytes(file), length));
        let expected: string[][] | null = null;
        try {
          expected = parse(file, { relax_column_count: true, relax_quotes: true, skip_empty_lines: true, record_delimiter: lineEnd });
        } catch {
          // It throws for one thing only: a quote that is not closed.
        }
        expect(found.fault === null ? found.rows : null).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are divided by other characters', () => {
    expect(rowsOf([bytes('a;b,c\n1;"2;3"\n')], ';').rows).toEqual([['a', 'b,c'], ['1', '2;3']]);
    expect(rowsOf([bytes('a\tb\n')], '\t').rows).toEqual([['a', 'b']]);
  });

  it('end where a quote is not closed, which is told with the line', () => {
    expect(rowsOf([bytes('a\n1\n"2\n3\n')])).toEqual({ rows: [['a'], ['1']], fault: 'a quote is not closed near line 3' });
    const long = inPieces(bytes(`a\n"1\n2"\n"${'x\n'.repeat(200_000)}`), 65_536);
    expect(rowsOf(long)).toEqual({ rows: [['a'], ['1\n2']], fault: expect.stringMatching(/^a row is longer than 262144 bytes near line 4; perhaps a quote/) });
  });

  it('are as long as they may be and no longer, however they come', () => {
    for (const [size, length] of [[262_143, 1 << 20], [262_143, 65_536], [262_144, 1 << 20], [262_144, 65_536]] as const)
      expect(rowsOf(inPieces(bytes(`a\n${'x'.repeat(size)}\nb\n`), length)).rows.length).toBe(size === 262_143 ? 3 : 1);
  });
});

describe('text in UTF-16', () => {
  it('is read as UTF-8 where it says so, and anything else as it is', async () => {
    const utf16 = (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'));
    for (const file of [utf16('a\té🦔\r\n'), bytes('a\té🦔\r\n'), bytes('a'), bytes('')]) {
      for (const length of [1, 2, 3, 1000]) {
        const text: string[] = [];
        const stream = new TextDecoder();
        for await (const each of asUtf8(of(inPieces(file, length)))) text.push(stream.decode(each, { stream: true }));
        expect(['a\té🦔\r\n', 'a', '']).toContain(text.join(''));
      }
    }
  });
});

async function* of<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
