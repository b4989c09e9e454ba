import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Publisher } from '@tidings/bus';
import type { DefinitionRecord, Scope } from '@tidings/contracts';
import { Database } from '@tidings/postgres';
import { Backlogs, Catalog, httpAdapter, newKey, Pollers, useHttpConventions } from '@tidings/service';
import { SegmentationModule } from './segmentation.module.js';
import { at, type Bench } from './bench.fixture.js';

export type SecretKey = ReturnType<typeof newKey>;

/** What callers are given. */
export interface Answer {
  readonly items: readonly Record<string, unknown>[];
  readonly next: string | null;
  readonly [name: string]: unknown;
}

/** A key as the definitions topic carries it. */
export const keyRecord = (key: SecretKey, scopes: Scope[], workspace = 'demo'): DefinitionRecord => ({
  v: 1, workspace, kind: 'key', id: key.keyId, version: 1, status: 'published', publishedAt: at(0).toISOString(),
  body: { id: key.keyId, type: 'secret', name: 'spec', hash: key.hash, scopes, createdAt: at(0).toISOString(), revokedAt: null },
}); // prettier-ignore

@Module({})
class PlatformOfSpec {}
@Module({})
class Root {}

/** The HTTP side of a bench: its controllers behind a port, as callers reach them. */
export class HttpOfSpec {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly url: string,
  ) {}

  static async of(bench: Bench): Promise<HttpOfSpec> {
    const given = [
      { provide: Publisher, useValue: bench.broker },
      { provide: Catalog, useValue: bench.catalog },
      { provide: Pollers, useValue: new Pollers() },
      { provide: Backlogs, useValue: new Backlogs(() => bench.backlog, new Pollers()) },
      { provide: Database, useValue: bench.db.database },
    ];
    const platform = { module: PlatformOfSpec, global: true, providers: given, exports: given };
    const app = await NestFactory.create<NestFastifyApplication>(
      { module: Root, imports: [platform, SegmentationModule.with({ MASTER_KEY: 'a-master-key-of-at-least-32-characters' })] },
      httpAdapter(),
      { logger: false },
    );
    useHttpConventions(app, bench.catalog);
    await app.listen(0, '127.0.0.1');
    return new HttpOfSpec(app, await app.getUrl());
  }

  ask(path: string, key: SecretKey): Promise<Response> {
    return fetch(`${this.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key.text}` } });
  }

  async get(path: string, key: SecretKey): Promise<Answer> {
    return (await (await this.ask(path, key)).json()) as Answer;
  }

  close(): Promise<void> {
    return this.app.close();
  }
}
