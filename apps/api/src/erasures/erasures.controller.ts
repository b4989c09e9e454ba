import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { outgoing, Publisher } from '@tidings/bus';
import { erasureOf, erasures, events, nobody, shapeCheck } from '@tidings/contracts';
import { cursorOf, limitOf, pageOf, Problem, RequireScope, Workspace, type Page, type PageQuery } from '@tidings/service';
import type { Static } from 'typebox';
import { ErasureRequest } from './erasure-request.js';
import { ErasuresStore } from './erasures.store.js';
import { shownErasure, type ShownErasure } from './shown-erasure.js';

const shapeOf = shapeCheck(ErasureRequest);
const states: Readonly<Record<string, boolean>> = { running: false, done: true };

/** Erasures of persons: asked for, and followed store by store. */
@Controller('api/v1/erasures')
@RequireScope('read')
export class ErasuresController {
  constructor(
    private readonly store: ErasuresStore,
    private readonly publisher: Publisher,
  ) {}

  /** Answers 202 once the erasure is durable and will go through every store; the same `Idempotency-Key` again is the same erasure. */
  @Post()
  @HttpCode(202)
  @RequireScope('admin')
  async erase(@Workspace() workspace: string, @Body() body: unknown, @Headers('idempotency-key') key?: string): Promise<{ id: string }> {
    const problems = shapeOf(body);
    if (problems.length > 0) throw new Problem(400, 'Bad request', `${problems[0]?.place}: ${problems[0]?.message}`);
    const { profileId } = body as Static<typeof ErasureRequest>;
    if (profileId === nobody) throw new Problem(422, 'Nobody', 'profileId names no profile');
    const id = idOf(key);
    const { step, event } = erasureOf({ workspace, profileId, erasureId: id, now: new Date() });
    await this.publisher.publish([outgoing(erasures, step), outgoing(events, event)]);
    return { id };
  }

  /** Erasures, the newest first; `state=running` keeps those that are not done, `state=done` the others. */
  @Get()
  async list(@Workspace() workspace: string, @Query() query: PageQuery & { readonly state?: string }): Promise<Page<ShownErasure>> {
    const limit = limitOf(query);
    const rows = await this.store.page(workspace, doneOf(query.state), cursorOf(query, 2), limit + 1);
    const now = new Date();
    return pageOf(rows, limit, ({ requestedAt, id }) => [requestedAt.toISOString(), id], (row) => shownErasure(row, now));
  }

  @Get(':id')
  async one(@Workspace() workspace: string, @Param('id') id: string): Promise<ShownErasure> {
    const found = await this.store.find(workspace, id);
    if (found === null) throw new Problem(404, 'Not found', `there is no erasure "${id}"`);
    return shownErasure(found, new Date());
  }
}

function doneOf(state: string | undefined): boolean | null {
  if (state === undefined) return null;
  const done = Object.hasOwn(states, state) ? states[state] : undefined;
  if (done === undefined) throw new Problem(400, 'Bad state', 'state must be running or done');
  return done;
}

function idOf(key: string | undefined): string {
  if (key === undefined || key === '') return randomUUID();
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(400, 'Bad Idempotency-Key', 'Idempotency-Key must be at most 255 printable ASCII characters without spaces');
}
