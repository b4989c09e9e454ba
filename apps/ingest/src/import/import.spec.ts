import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { events } from '@tidings/contracts';
import { compileRows, type RowMap } from '@tidings/mapping';
import { keys, appOfSpec } from '../app.fixture.js';
import { runImport } from './import-run.js';

const app = appOfSpec();
const { publisher } = app;

type Query = Readonly<Record<string, string>>;

async function send(body: string | Buffer | ReadableStream, query: Query = {}, headers: Query = {}) {
  const text = new URLSearchParams({ kind: 'profiles', id: 'spec', ...query }).toString();
  const response = await fetch(`${app.url}/api/v1/imports?${text}`, {
    method: 'POST', body, headers: { authorization: `Bearer ${keys.secret.text}`, ...headers }, duplex: 'half',
  }); // prettier-ignore
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text(), headers: response.headers };
}

const lines = (text: string) => text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

describe('POST /api/v1/imports', () => {
  it('makes a profile of each row, under an id that is the same when the row is sent again', async () => {
    const answer = await send('user_id,email,age:number\nann,a@example.com,41\nbob,,\n');
    expect(answer).toMatchObject({ status: 200, type: 'application/x-ndjson' });
    expect(lines(answer.text).at(-1)).toEqual({ kind: 'done', row: 2, accepted: 2, refused: 0 });
    expect(publisher.published(events)).toMatchObject([
      { type: 'identify', profileId: 'ann', traits: { email: 'a@example.com', age: 41 }, messageId: 'spec/1', source: 'api', workspace: 'demo' },
      { profileId: 'bob', traits: {}, messageId: 'spec/2' },
    ]);
  });

  it('makes an event of each row, by a map, at its own time', async () => {
    const map = JSON.stringify({ userId: 'Customer', timestamp: 'At', eventName: 'Order Placed', columns: { Total: { as: 'total', type: 'number' } } });
    await send('Customer;At;Total\nann;2024-05-06;9.5\n', { kind: 'events', map, delimiter: ';' });
    expect(publisher.published(events)).toMatchObject([{ type: 'track', name: 'Order Placed', timestamp: '2024-05-06T00:00:00.000Z', properties: { total: 9.5 } }]);
  });

  it('refuses rows one by one, each with its number and column, and keeps the others', async () => {
    const answer = await send('user_id,age:number,note\nann,41,"a\nb"\n,1,x\nbob,old,x\ncy,1\ndee,7,ok\n', { row: '100' });
    expect(lines(answer.text)).toEqual([
      { kind: 'refused', row: 101, field: 'userId', message: 'is required when there is no anonymousId' },
      { kind: 'refused', row: 102, field: 'age', message: 'must be a number, with a point for decimals' },
      { kind: 'refused', row: 103, field: '', message: 'has 2 cells where the header has 3' },
      { kind: 'progress', row: 104, accepted: 2, refused: 3 },
      { kind: 'done', row: 104, accepted: 2, refused: 3 },
    ]);
    expect(publisher.published(events).map(({ messageId }) => messageId)).toEqual(['spec/100', 'spec/104']);
  });

  it('gives the refused rows out as a CSV file, in which nothing is a formula', async () => {
    const answer = await send('user_id,"=a,""b"":number"\nann,x\n', {}, { accept: 'text/csv' });
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="spec-errors.csv"');
    expect(answer.text).toBe('row,field,message\n1,"\'=a,""b""","must be a number, with a point for decimals"\n');
  });

  it('takes gzip, a byte order mark, and blank lines', async () => {
    await send(gzipSync('\uFEFFuser_id,plan\r\nann,pro\r\n\r\nbob,free\r\n'), {}, { 'content-encoding': 'gzip' });
    expect(publisher.published(events)).toMatchObject([{ profileId: 'ann', messageId: 'spec/1' }, { profileId: 'bob', messageId: 'spec/2' }]);
  });

  it('takes UTF-16, as spreadsheets write it', async () => {
    await send(Buffer.from('\uFEFFuser_id\tplan\r\nann\tprö\r\n', 'utf16le'), { delimiter: '\t' });
    expect(publisher.published(events)).toMatchObject([{ profileId: 'ann', traits: { plan: 'prö' } }]);
  });

  it('stops where the body is no CSV, keeps what stands before, and says where', async () => {
    const answer = await send(`user_id,plan\nann,pro\nbob,"free\n${'x'.repeat(300_000)}`);
    expect(lines(answer.text).at(-1)).toMatchObject({ kind: 'stopped', row: 1, accepted: 1, reason: expect.stringMatching(/quote is not closed/) });
  });

  it.each<[string, string, { readonly query?: Query; readonly headers?: Query }, number, RegExp]>([
    ['a kind that there is not', 'a\n', { query: { kind: 'things' } }, 400, /kind must be one of/],
    ['no import id', 'a\n', { query: { id: '' } }, 400, /id must be/],
    ['a map that is no JSON', 'a\n', { query: { map: '{' } }, 400, /map must be JSON/],
    ['a map with an unknown field', 'a\n', { query: { map: '{"user":"a"}' } }, 400, /map\.user: there is no such field/],
    ['a header that says of nobody', 'email\na@example.com\n', {}, 422, /no column says whose/],
    ['an empty body', '', {}, 400, /empty/],
    ['no key', 'id\n1\n', { headers: { authorization: '' } }, 401, /key that is in force/],
    ['a key that may not write', 'id\n1\n', { headers: { authorization: `Bearer ${keys.write.text}` } }, 403, /scope/],
    ['another encoding', 'id\n1\n', { headers: { 'content-encoding': 'br' } }, 415, /gzip/],
    ['gzip that is none', 'id\n1\n', { headers: { 'content-encoding': 'gzip' } }, 422, /gzip/],
  ])('refuses %s', async (_name, body, { query, headers }, status, expected) => {
    const answer = await send(body, query, headers);
    expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
    expect(answer.text).toMatch(expected);
  });

  it('takes a hundred thousand rows as they come, and hands no more than a few batches to the broker at once', async () => {
    const rows = 100_000;
    const pages = function* () {
      yield 'user_id,plan,city\n';
      for (let sent = 0; sent < rows; sent += 100) yield Array.from({ length: 100 }, (_, index) => `user-${sent + index},pro,Porto\n`).join('');
    };
    let [pending, most] = [0, 0];
    // A batch whose acknowledgement was late is published again, under the same keys.
    const published = new Set<string | null>();
    publisher.publish = async (messages) => {
      for (const { key } of messages) published.add(key);
      pending += messages.length;
      most = Math.max(most, pending);
      await new Promise((resolve) => setImmediate(resolve));
      pending -= messages.length;
    };
    const answer = await send(Readable.toWeb(Readable.from(pages())) as ReadableStream);
    Reflect.deleteProperty(publisher, 'publish');
    expect(lines(answer.text).at(-1)).toEqual({ kind: 'done', row: rows, accepted: rows, refused: 0 });
    expect({ published: published.size, most: most <= 2_000 }).toEqual({ published: rows, most: true });
  });

  it('outlives whoever hangs up in the middle', async () => {
    const leaving = new AbortController();
    const endless = async function* () {
      yield Buffer.from('user_id,plan\n');
      for (let row = 0; !leaving.signal.aborted; row++) {
        yield Buffer.from(`user-${row},pro\n`.repeat(100));
        if (publisher.outgoing.length > 1_000) leaving.abort();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const sending = fetch(`${app.url}/api/v1/imports?kind=profiles&id=left`, {
      method: 'POST', body: Readable.toWeb(Readable.from(endless())) as ReadableStream, duplex: 'half', signal: leaving.signal, headers: { authorization: `Bearer ${keys.secret.text}` },
    }).then((response) => response.text()); // prettier-ignore
    await expect(sending).rejects.toThrow();
    publisher.clear();
    expect(lines((await send('user_id\nann\n')).text).at(-1)).toMatchObject({ kind: 'done', accepted: 1 });
  });

  it('stops when the broker stays away, and says which rows are settled', async () => {
    const lines = [];
    const publish = () => Promise.resolve('the broker did not take the rows (unreachable)');
    async function* rows() {
      for (let row = 0; row < 1_200; row += 100) yield Array.from({ length: 100 }, (_none, index) => [`user-${row + index}`]);
    }
    const map = compileRows('profiles', ['user_id'], {}) as RowMap;
    for await (const line of runImport(rows(), { list: null, workspace: 'demo', id: 'x', firstRow: 1, map, publish, now: () => new Date() })) lines.push(line);
    expect(lines).toEqual([{ kind: 'stopped', row: 0, accepted: 0, refused: 0, reason: 'the broker did not take the rows (unreachable)' }]);
  });
});
