import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { events } from '@tidings/contracts';
import { keys, appOfSpec } from '../app.fixture.js';

const app = appOfSpec();
const { publisher } = app;

const authorization = `Basic ${Buffer.from(`${keys.write.text}:`).toString('base64')}`;
const good = JSON.stringify({ userId: 'ann', event: 'E' });

/** Speaks HTTP by hand and reads only the status and body: `fetch` would fail on a server that answers before it has read all. */
function post(
  path: string,
  body: Buffer,
  headers: Record<string, string> = {},
  declared = body.length,
): Promise<{ status: number; text: string }> {
  const { port, hostname } = new URL(app.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    const finish = () => {
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
      if (status) resolve({ status, text: answer.slice(answer.indexOf('\r\n\r\n') + 4) });
      else reject(new Error(`no answer, but "${answer}"`));
    };
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('error', finish);
    socket.on('close', finish);
    const lines = {
      host: 'ingest',
      authorization,
      connection: 'close',
      'content-length': String(declared),
      ...headers,
    };
    socket.write(
      `POST ${path} HTTP/1.1\r\n${Object.entries(lines)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
    socket.write(body);
  });
}

const deep = (depth: number) =>
  `{"userId":"ann","event":"E","properties":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;
const gzip = { 'content-encoding': 'gzip' };

const hostile: readonly [
  name: string,
  path: string,
  body: Buffer,
  headers: Record<string, string>,
  answer: [status: number, told: RegExp],
][] = [
  ['a body of 10 MB', '/v1/track', Buffer.alloc(10_000_000, 'x'), {}, [413, /larger than 500 KB/]],
  ['a batch of 500 KB and one byte', '/v1/batch', Buffer.alloc(500 * 1024 + 1, ' '), {}, [413, /larger than 500 KB/]],
  ['depth 10,000', '/v1/track', Buffer.from(deep(5_000)), {}, [400, /nested deeper than 32/]],
  [
    'depth 10,000 in a list',
    '/v1/batch',
    Buffer.from(`{"batch":[${'['.repeat(10_000)}${']'.repeat(10_000)}]}`),
    {},
    [400, /"batch\[0\]/],
  ],
  ['depth 80,000 without an end', '/v1/batch', Buffer.from('['.repeat(80_000)), {}, [400, /not valid JSON/]],
  [
    '__proto__',
    '/v1/track',
    Buffer.from('{"userId":"ann","event":"E","properties":{"__proto__":{"admin":true}}}'),
    {},
    [400, /"field":"properties.__proto__"/],
  ],
  [
    'constructor',
    '/v1/track',
    Buffer.from('{"userId":"ann","event":"E","constructor":{"prototype":1}}'),
    {},
    [400, /"field":"constructor"/],
  ],
  [
    'invalid UTF-8',
    '/v1/track',
    Buffer.concat([Buffer.from('{"userId":"ann","event":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    {},
    [400, /not valid UTF-8/],
  ],
  [
    'an overlong encoding',
    '/v1/track',
    Buffer.concat([Buffer.from('{"userId":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('","event":"E"}')]),
    {},
    [400, /not valid UTF-8/],
  ],
  [
    'half a surrogate pair',
    '/v1/track',
    Buffer.from('{"userId":"\\ud83d","event":"E"}'),
    {},
    [400, /"field":"userId"/],
  ],
  ['NUL in an id', '/v1/track', Buffer.from('{"userId":"a\\u0000b","event":"E"}'), {}, [400, /"field":"userId"/]],
  ['null', '/v1/track', Buffer.from('null'), {}, [400, /must be a JSON object/]],
  ['nothing', '/v1/track', Buffer.alloc(0), {}, [400, /not valid JSON/]],
  ['a null batch', '/v1/batch', Buffer.from('{"batch":null}'), {}, [400, /"field":"batch"/]],
  ['a batch of null', '/v1/batch', Buffer.from('{"batch":[null]}'), {}, [400, /"field":"batch\[0\]"/]],
  [
    '20,000 events',
    '/v1/batch',
    Buffer.from(`{"batch":[${'{},'.repeat(19_999)}{}]}`),
    {},
    [400, /more than 2500 events/],
  ],
  [
    'an event of 32 KB and one byte',
    '/v1/track',
    Buffer.from(`{"userId":"ann","event":"E","properties":{"a":"${'x'.repeat(32 * 1024 + 1 - 50)}"}}`),
    {},
    [400, /larger than 32 KB/],
  ],
  [
    'an event of 33 KB in a batch',
    '/v1/batch',
    Buffer.from(
      `{"batch":[{"type":"track","userId":"ann","event":"E","properties":{"a":"${'x'.repeat(33 * 1024)}"}}]}`,
    ),
    {},
    [400, /larger than 32 KB/],
  ],
  [
    'a negative timestamp',
    '/v1/track',
    Buffer.from('{"userId":"ann","event":"E","timestamp":-62135596800000}'),
    {},
    [400, /"field":"timestamp"/],
  ],
  [
    'the year 9999',
    '/v1/track',
    Buffer.from('{"userId":"ann","event":"E","timestamp":"9999-12-31T23:59:59Z"}'),
    {},
    [400, /"field":"timestamp"/],
  ],
  ['a zip bomb: 200 MB in 200 KB', '/v1/batch', gzipSync(Buffer.alloc(200_000_000)), gzip, [413, /larger than 500 KB/]],
  ['gzip that is none', '/v1/track', Buffer.from(good), gzip, [400, /not valid gzip/]],
  ['gzip cut off', '/v1/track', gzipSync(good).subarray(0, 20), gzip, [400, /not valid gzip/]],
  ['another encoding', '/v1/track', Buffer.from(good), { 'content-encoding': 'br' }, [415, /plain or gzip/]],
  [
    'half a surrogate pair in a name, deep in a batch',
    '/v1/batch',
    Buffer.from('{"batch":[{"type":"track","userId":"ann","event":"E","properties":{"a":[{"\\udc00":1}]}}]}'),
    {},
    [400, /"field":"batch\[0\]\.properties\.a\.0\./],
  ],
  [
    '__proto__ behind an escape',
    '/v1/track',
    Buffer.from('{"userId":"ann","event":"E","properties":{"\\u005f_proto__":1}}'),
    {},
    [400, /"field":"properties.__proto__"/],
  ],
  ['broken JSON', '/v1/track', Buffer.from('{"userId":"ann"'), {}, [400, /"The body is not valid JSON\."/]],
];

describe('hostile input over HTTP', () => {
  it.each(hostile)(
    '%s is refused clearly, and nothing of it published',
    async (_name, path, body, headers, [status, told]) => {
      const answer = await post(path, body, headers);
      expect(answer.status).toBe(status);
      expect(answer.text).toMatch(told);
      expect(JSON.parse(answer.text.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, ''))).toMatchObject({ success: false });
      expect(publisher.outgoing).toEqual([]);
    },
  );

  it('accepts an event of exactly 32 KB', async () => {
    const body = Buffer.from(`{"userId":"ann","event":"E","properties":{"a":"${'x'.repeat(32 * 1024 - 50)}"}}`);
    expect(body.length).toBe(32 * 1024);
    expect((await post('/v1/track', body)).status).toBe(200);
  });

  it('sets aside what is too deep to be written again, and accepts its neighbour', async () => {
    expect(
      (
        await post(
          '/v1/batch',
          Buffer.from(
            `{"batch":[${good.replace('{', '{"type":"track",')},${'['.repeat(50_000)}${']'.repeat(50_000)}]}`,
          ),
        )
      ).status,
    ).toBe(200);
    expect(publisher.outgoing.map(({ topic }) => topic)).toEqual(['events', 'dead-letters']);
    expect(publisher.outgoing[1]).toMatchObject({
      value: null,
      headers: { reason: 'the event must be a JSON object' },
    });
  });

  it('delays nobody else: good calls among all of it are answered, and memory stays', async () => {
    const before = process.memoryUsage().rss;
    const attacks = hostile.flatMap(([, path, body, headers]) => [
      post(path, body, headers),
      post(path, body, headers),
    ]);
    const slowest = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const begun = performance.now();
        expect((await post('/v1/track', Buffer.from(good))).status).toBe(200);
        return performance.now() - begun;
      }),
    );
    await Promise.all(attacks);
    expect(publisher.published(events)).toHaveLength(50);
    expect(Math.max(...slowest)).toBeLessThan(5_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('leaves prototypes alone', () => {
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
