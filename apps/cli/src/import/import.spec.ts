import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Uploaded } from '../api-client.js';
import { importFile } from '../commands/import.js';

interface Sent {
  readonly query: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
}

/** An installation that refuses every row that holds "bad", and fails when it is told to. */
class Installation {
  readonly sent: Sent[] = [];
  fails: (call: number) => Uploaded | null = () => null;

  upload = (_path: string, query: Readonly<Record<string, string>>, body: Uint8Array): Promise<Uploaded> => {
    const rows = Buffer.from(body).toString().trim().split('\n').slice(1);
    const failure = this.fails(this.sent.length);
    this.sent.push({ query, rows });
    if (failure) return Promise.resolve(failure);
    const first = Number(query['row']);
    const refused = rows.flatMap((row, index) => (row.includes('bad') ? [{ kind: 'refused', row: first + index, field: 'plan', message: 'is bad' }] : []));
    const done = { kind: 'done', row: first + rows.length - 1, accepted: rows.length - refused.length, refused: refused.length };
    return Promise.resolve({ kind: 'answered', text: [...refused, done].map((line) => `${JSON.stringify(line)}\n`).join('') });
  };
}

describe('tidings import', () => {
  let folder: string;
  let file: string;
  let installation: Installation;
  const rows = (count: number, row = (number: number) => `user-${number},pro`) => `user_id,plan\n${Array.from({ length: count }, (_, index) => row(index + 1)).join('\n')}\n`;
  const run = (options: object = {}) => importFile(installation, 'profiles', file, { json: true, patienceMs: 0, ...options });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'import-'));
    file = join(folder, 'people.csv');
    installation = new Installation();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('sends a file in parts of whole rows under the header, and leaves nothing behind', async () => {
    writeFileSync(file, rows(25_000));
    await run();
    expect(installation.sent.map(({ query, rows: each }) => [query['row'], each.length, each[0]])).toEqual([
      ['1', 10_000, 'user-1,pro'], ['10001', 10_000, 'user-10001,pro'], ['20001', 5_000, 'user-20001,pro'],
    ]); // prettier-ignore
    expect(existsSync(`${file}.import.json`) || existsSync(`${file}.errors.csv`)).toBe(false);
  });

  it('is the same import when it is done again, and another with another file or map', async () => {
    const ids = new Set<string | undefined>();
    const map = join(folder, 'map.yaml');
    writeFileSync(map, 'columns: { plan: tier }\n');
    writeFileSync(file, rows(1));
    await run();
    await run();
    expect(new Set(installation.sent.map(({ query }) => query['id'])).size).toBe(1);
    await run({ map });
    writeFileSync(file, rows(2));
    await run();
    for (const { query } of installation.sent) ids.add(query['id']);
    expect(ids.size).toBe(3);
    expect(installation.sent[2]?.query['map']).toBe('{"columns":{"plan":"tier"}}');
  });

  it('lists the refused rows in a CSV file and fails', async () => {
    writeFileSync(file, rows(12_000, (row) => `user-${row},${row % 5_000 === 0 ? 'bad' : 'pro'}`));
    await expect(run()).rejects.toThrow(/2 rows were refused: see .*people\.csv\.errors\.csv/);
    expect(readFileSync(`${file}.errors.csv`, 'utf8')).toBe('row,field,message\n5000,"plan","is bad"\n10000,"plan","is bad"\n');
  });

  it('goes on where it was when it is begun again, with the errors of before', async () => {
    writeFileSync(file, rows(25_000, (row) => `user-${row},${row === 7 || row === 20_001 ? 'bad' : 'pro'}`));
    installation.fails = (call) => (call === 1 ? { kind: 'later', reason: 'the broker is away' } : null);
    await expect(run()).rejects.toThrow(/the broker is away\nrows before 10001 are imported/);
    installation.fails = () => null;
    const before = installation.sent.length;
    await expect(run()).rejects.toThrow(/2 rows were refused/);
    expect(installation.sent.slice(before).map(({ query }) => query['row'])).toEqual(['10001', '20001']);
    expect(readFileSync(`${file}.errors.csv`, 'utf8')).toBe('row,field,message\n7,"plan","is bad"\n20001,"plan","is bad"\n');
  });

  it('sends a part again when the answer was cut off', async () => {
    writeFileSync(file, rows(3));
    installation.fails = (call) => (call === 0 ? { kind: 'answered', text: '{"kind":"progress","row":1,"acc' } : null);
    await run({ patienceMs: 60_000 });
    expect(installation.sent.map(({ query }) => query['row'])).toEqual(['1', '1']);
  });

  it('keeps quoted cells whole, whatever is in them and however lines end', async () => {
    writeFileSync(file, '\uFEFFuser_id,"pl\nan"\r\nann,"a ""b""\nc"\r\n\r\nbob, x \r\n');
    const bodies: string[] = [];
    await importFile({ upload: (path, query, body) => (bodies.push(Buffer.from(body).toString()), installation.upload(path, query, body)) }, 'profiles', file, { json: true });
    expect(bodies).toEqual(['\uFEFFuser_id,"pl\nan"\r\nann,"a ""b""\nc"\r\n\r\nbob, x \r\n']);
  });

  it('cuts parts where rows end, also in the middle of what is read at once, and a last row that no line end ends', async () => {
    const row = (number: number) => `user-${number},"${'x'.repeat(number % 300)}\n"`;
    writeFileSync(file, `user_id,plan\n${Array.from({ length: 55_000 }, (_none, index) => row(index + 1)).join('\n')}`);
    const bodies: string[] = [];
    await importFile({ upload: (path, query, body) => (bodies.push(Buffer.from(body).toString()), installation.upload(path, query, body)) }, 'profiles', file, { json: true });
    expect(installation.sent.map(({ query }) => query['row'])).toEqual(['1', '10001', '20001', '30001', '40001', '50001']);
    expect(bodies.every((body) => body.startsWith('user_id,plan\nuser-'))).toBe(true);
    expect(bodies.map((body) => body.slice(13)).join('') === readFileSync(file, 'utf8').slice(13)).toBe(true);
  });

  it('fails at a quote that is not closed, with its line', async () => {
    writeFileSync(file, rows(2) + 'user-3,"pro\n');
    await expect(run()).rejects.toThrow('a quote is not closed near line 4');
  });

  it('settles what is before a quote that is not closed, and goes on behind it under the same id', async () => {
    const whole = rows(25_000);
    writeFileSync(file, `${whole}"bob,pro\n`);
    const stopped = await run().then(() => '', String);
    expect(stopped).toContain('people.csv: a quote is not closed near line 25002\nwhat is before it is imported; mend it and go on with --id csv-');
    expect(JSON.parse(readFileSync(`${file}.import.json`, 'utf8'))).toMatchObject({ row: 20_000, accepted: 20_000 });
    writeFileSync(file, `${whole}bob,pro\n`);
    await run({ id: stopped.split('--id ')[1] });
    expect(installation.sent.map(({ query }) => query['row'])).toEqual(['1', '10001', '20001']);
    expect(new Set(installation.sent.map(({ query }) => query['id'])).size).toBe(1);
  });

  it('says which list the rows are of, and another list is another import', async () => {
    writeFileSync(file, 'user_id\nann\n');
    for (const list of ['vip', 'blocked']) await importFile(installation, 'list', file, { json: true, list });
    expect(installation.sent.map(({ query: { kind, list } }) => [kind, list])).toEqual([['list', 'vip'], ['list', 'blocked']]);
    expect(new Set(installation.sent.map(({ query }) => query['id'])).size).toBe(2);
    await expect(importFile(installation, 'list', file, {})).rejects.toThrow(/--list/);
    await expect(run({ list: 'vip' })).rejects.toThrow(/--list/);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['a kind that there is not', () => importFile(installation, 'things', file, {}), /import profiles or events/],
    ['a file that is not there', () => run(), /there is no file/],
    ['a file with nothing in it', () => { writeFileSync(file, ''); return run(); }, /people\.csv is empty: its first line names the columns/],
    ['a map that is wrong, with its line', () => { writeFileSync(file, rows(1)); writeFileSync(join(folder, 'm.yaml'), 'others: keep\nuser: id\n'); return run({ map: join(folder, 'm.yaml') }); }, /m\.yaml:\d+: user: there is no such field/],
  ])('refuses %s', async (_name, work, expected) => {
    await expect(work()).rejects.toThrow(expected);
  }); // prettier-ignore
});
