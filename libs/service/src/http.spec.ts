import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InfrastructureError } from '@tidings/bus';
import type { Scope } from '@tidings/contracts';
import { newKey, type NewKey } from './api-key.js';
import type { Caller } from './authenticate.js';
import { Catalog } from './catalog.js';
import { closeHttp, httpAdapter, useHttpConventions } from './http.js';
import { Problem } from './problem.js';
import { CalledBy, Public, RequireScope, Workspace } from './scope.guard.js';

@Controller('things')
@RequireScope('read')
class Things {
  @Get()
  mine(@Workspace() workspace: string, @CalledBy() { keyId }: Caller): object {
    return { workspace, keyId };
  }

  @Post()
  @RequireScope('write')
  make(@Body() body: object): object {
    return body;
  }

  @Get('open')
  @Public()
  open(): string {
    return 'for all';
  }

  @Get('broken')
  @Public()
  broken(): never {
    throw new Error('select secret_column from secret_table');
  }

  @Get('away')
  @Public()
  away(): never {
    throw new InfrastructureError('Postgres at db:5432 is gone');
  }

  @Get('refused')
  @Public()
  refused(): never {
    throw new Problem(429, 'Too many requests', 'Wait a little.', { headers: { 'retry-after': '7' }, limit: 100 });
  }

  @Get('t/:token')
  @Public()
  long(): string {
    return 'found';
  }

  @Post('open')
  @Public()
  take(@Body() body: unknown): object {
    return { taken: body };
  }
}

@Controller('forgotten')
class Forgotten {
  @Get()
  anybody(): string {
    return 'nobody said who may call this';
  }
}

@Module({ controllers: [Things] })
class ThingsModule {}

@Module({ controllers: [Things, Forgotten] })
class ForgetfulModule {}

const held = ({ keyId, type, hash }: NewKey, scopes: Scope[]) =>
  ({
    v: 1,
    workspace: 'demo',
    kind: 'key',
    id: keyId,
    version: 1,
    status: 'published',
    publishedAt: '2026-01-01T00:00:00.000Z',
    body: { id: keyId, type, name: 'n', hash, scopes, createdAt: '2026-01-01T00:00:00.000Z', revokedAt: null },
  }) as const;

const json = { 'content-type': 'application/json' };

describe('HTTP', () => {
  let app: NestFastifyApplication | null = null;
  const reader = newKey('secret');
  const catalog = Catalog.of([held(reader, ['read'])]);
  const authorization = `Bearer ${reader.text}`;

  const start = async (module = ThingsModule): Promise<NestFastifyApplication> => {
    app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter({ bodyLimit: 1000 }), { logger: false });
    useHttpConventions(app, catalog);
    await app.listen(0);
    return app;
  };
  afterEach(async () => {
    await app?.close();
    app = null;
  });

  it('takes the workspace from the key', async () => {
    const answer = await (
      await start()
    ).inject({ url: '/things?workspace=other', headers: { authorization, 'x-workspace': 'other' } });
    expect(answer.json()).toEqual({ workspace: 'demo', keyId: reader.keyId });
  });

  it.each<
    [string, { url: string; method?: 'POST'; headers?: Record<string, string>; payload?: string }, number, object]
  >([
    ['no key', { url: '/things' }, 401, { title: 'Unauthorized', status: 401 }],
    [
      'a key that is not in force',
      { url: '/things', headers: { authorization: `Bearer ${newKey('secret').text}` } },
      401,
      { status: 401 },
    ],
    [
      'a key without the scope',
      { url: '/things', method: 'POST', headers: { authorization } },
      403,
      { detail: 'The key has not the scope "write".' },
    ],
    ['an unknown path', { url: '/nowhere' }, 404, { title: 'Not Found' }],
    [
      'a problem of the app',
      { url: '/things/refused' },
      429,
      { type: 'about:blank', title: 'Too many requests', detail: 'Wait a little.', limit: 100 },
    ],
    ['what passes', { url: '/things/away' }, 503, { detail: 'Try again in a moment.' }],
    ['a bug', { url: '/things/broken' }, 500, { detail: 'This is our fault and was logged.' }],
    [
      'a body that is not JSON',
      { url: '/things', method: 'POST', headers: { authorization, 'content-type': 'application/json' }, payload: '{' },
      400,
      { status: 400 },
    ],
    [
      'a body with __proto__',
      {
        url: '/things',
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        payload: '{"__proto__":{}}',
      },
      400,
      { status: 400 },
    ],
    [
      'a body beyond the limit',
      {
        url: '/things',
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        payload: JSON.stringify('x'.repeat(1000)),
      },
      413,
      { status: 413 },
    ],
    ['NUL in a path', { url: '/things/t/a%00b' }, 400, { detail: 'token holds the character NUL.', field: 'token' }],
    ['NUL in a query', { url: '/things/open?profile=%00' }, 400, { field: 'profile' }],
    ['NUL in the name of a query', { url: '/things/open?a%00b=1' }, 400, { field: 'ab' }],
    ['NUL in a query of several', { url: '/things/open?profile=ann&profile=%00' }, 400, { field: 'profile[1]' }],
    [
      'NUL in a body',
      { url: '/things/open', method: 'POST', headers: json, payload: '{"segments":[{"id":"a"},{"id":"b\\u0000"}]}' },
      422,
      { detail: 'segments[1].id holds the character NUL.', field: 'segments[1].id' },
    ],
    [
      'half of a surrogate pair in a name of a body',
      { url: '/things/open', method: 'POST', headers: json, payload: '{"traits":{"a\\ud800":1}}' },
      422,
      { detail: 'traits.a\uFFFD is not well-formed Unicode.' },
    ],
    [
      'a body without an end',
      { url: '/things/open', method: 'POST', headers: json, payload: `${'['.repeat(300)}${']'.repeat(300)}` },
      422,
      { detail: 'The body is nested deeper than 128 levels.' },
    ],
  ])('answers %s with problem details', async (_, request, status, body) => {
    const answer = await (await start()).inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject(body);
    expect(answer.body).not.toMatch(/secret_|db:5432/);
  });

  it('takes texts of any script', async () => {
    const request = { url: '/things/open?name=J%C3%BCrgen', method: 'POST' as const };
    expect((await (await start()).inject({ ...request, headers: json, payload: '{"name":"\u{1F600} \\u00fc"}' })).json()).toEqual({ taken: { name: '\u{1F600} \u00FC' } });
  });

  it('says when to come back', async () => {
    expect((await (await start()).inject('/things/refused')).headers['retry-after']).toBe('7');
    expect((await (app as NestFastifyApplication).inject('/things/away')).headers['retry-after']).toBe('1');
  });

  it('lets anybody in where that is said, with long tokens', async () => {
    expect((await (await start()).inject('/things/open')).body).toBe('for all');
    expect((await (app as NestFastifyApplication).inject(`/things/t/${'x'.repeat(2000)}`)).body).toBe('found');
  });

  it('does not start with a route that nobody decided about', async () => {
    await expect(start(ForgetfulModule)).rejects.toThrow(
      'every route needs @RequireScope(...) or @Public(), and Forgotten.anybody has neither',
    );
  });

  it('answers what is in hand before it closes, and cuts off what does not end', async () => {
    let release: () => void = () => undefined;
    const begun = Promise.withResolvers<void>();
    const slow = new Promise<string>((resolve) => (release = () => resolve('answered')));

    @Controller()
    class Slow {
      @Get('slow')
      @Public()
      slow(): Promise<string> {
        begun.resolve();
        return slow;
      }

      @Get('endless')
      @Public()
      endless(@Res() reply: { raw: NodeJS.WritableStream }): void {
        reply.raw.write('...');
      }
    }
    @Module({ controllers: [Slow] })
    class SlowModule {}

    const url = await (await start(SlowModule)).getUrl();
    const answer = fetch(`${url}/slow`).then((response) => response.text());
    await begun.promise;
    const endless = (await fetch(`${url}/endless`)).text();
    const closed = closeHttp(app as NestFastifyApplication, 500);
    release();
    await expect(answer).resolves.toBe('answered');
    await expect(endless).rejects.toThrow();
    await closed;
    await expect(fetch(`${url}/slow`)).rejects.toThrow();
  });
});
