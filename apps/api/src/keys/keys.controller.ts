import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { shapeCheck, type KeyDefinition, type Scope } from '@tidings/contracts';
import { CalledBy, newKey, Problem, RequireScope, Workspace, type Caller, cursorOf, limitOf, pageOf, type PageQuery } from '@tidings/service';
import type { Static } from 'typebox';
import { DefinitionPublisher } from '../definitions/definition-publisher.js';
import { DefinitionsStore } from '../definitions/definitions.store.js';
import { NewKeyRequest } from './new-key-request.js';

const shapeOf = shapeCheck(NewKeyRequest);

const defaultScopes: Readonly<Record<KeyDefinition['type'], readonly Scope[]>> = { write: ['ingest'], secret: ['ingest', 'read', 'write'] };

/** API keys: made and shown once, listed without their secret, revoked. */
@Controller('api/v1/keys')
export class KeysController {
  constructor(
    private readonly store: DefinitionsStore,
    private readonly publisher: DefinitionPublisher,
  ) {}

  @Get()
  @RequireScope('admin')
  async list(@Workspace() workspace: string, @Query() query: PageQuery) {
    const limit = limitOf(query);
    const rows = await this.store.page(workspace, ['key'], cursorOf(query, 2), limit + 1);
    return pageOf(rows, limit, ({ kind, id }) => [kind, id], ({ body }) => withoutHash(body as KeyDefinition));
  }

  @Post()
  @RequireScope('admin')
  async create(@Workspace() workspace: string, @CalledBy() { keyId: actor }: Caller, @Body() body: unknown) {
    const problems = shapeOf(body);
    if (problems.length > 0) throw new Problem(400, 'Bad request', `${problems[0]?.place}: ${problems[0]?.message}`);
    const { type, name, scopes } = body as Static<typeof NewKeyRequest>;
    if (type === 'write' && scopes !== undefined && scopes.some((scope) => scope !== 'ingest')) {
      throw new Problem(400, 'Bad request', 'scopes: a write key may be public, so it can only have the scope "ingest"');
    }
    const made = newKey(type);
    const key: KeyDefinition = {
      id: made.keyId,
      type,
      name,
      hash: made.hash,
      scopes: [...(scopes ?? defaultScopes[type])],
      createdAt: new Date().toISOString(),
      revokedAt: null,
    };
    await this.publisher.publish(workspace, [{ kind: 'key', id: key.id, body: key }], actor);
    return { ...withoutHash(key), key: made.text };
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  async revoke(@Workspace() workspace: string, @CalledBy() { keyId: actor }: Caller, @Param('id') id: string): Promise<void> {
    const [newest] = await this.store.versions(workspace, 'key', id);
    if (newest === undefined) throw new Problem(404, 'Not found', `there is no key "${id}"`);
    const key = newest.body as KeyDefinition;
    if (key.revokedAt !== null) return;
    await this.publisher.publish(workspace, [{ kind: 'key', id, body: { ...key, revokedAt: new Date().toISOString() } }], actor);
  }
}

function withoutHash({ hash: _hash, ...shown }: KeyDefinition): Omit<KeyDefinition, 'hash'> {
  return shown;
}
