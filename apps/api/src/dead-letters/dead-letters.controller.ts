import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Publisher, type Outgoing } from '@tidings/bus';
import { allTopics, inbound, shapeCheck } from '@tidings/contracts';
import { Problem, RequireScope, Workspace, cursorOf, limitOf, pageOf, type PageQuery } from '@tidings/service';
import type { Static } from 'typebox';
import { API_SETTINGS, type ApiSettings } from '../api-settings.js';
import { namesAnyOf } from '../erasures/names-person.js';
import type { DeadLetter } from './dead-letter.js';
import { DeadLettersStore, type LetterChoice } from './dead-letters.store.js';
import { SettleRequest } from './settle-request.js';

const shapeOf = shapeCheck(SettleRequest);

interface LettersQuery extends PageQuery {
  readonly topic?: string;
  readonly reason?: string;
  readonly state?: string;
  /** An id of a person, or several. */
  readonly profile?: string | string[];
}

/** What could not be handled: looked at, put back where it came from, or set aside for good. */
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly store: DeadLettersStore,
    private readonly publisher: Publisher,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  /** The newest first. `profile=ann` keeps those that name this id; such a page may hold fewer than asked for, or none, while there is a next one. */
  @Get()
  @RequireScope('read')
  async list(@Workspace() workspace: string, @Query() query: LettersQuery) {
    const limit = limitOf(query);
    const filter = { topic: query.topic ?? null, reason: query.reason ?? null, state: stateOf(query.state) };
    const rows = await this.store.page(workspace, filter, cursorOf(query, 2), limit + 1);
    const { items, next } = pageOf(rows, limit, ({ at, id }) => [at.toISOString(), id], (row) => row);
    const named = query.profile === undefined ? items : items.filter(namesAnyOf(workspace, [query.profile].flat()));
    return { items: named.map(({ value: _value, headers: _headers, key: _key, ...rest }) => rest), next };
  }

  @Get(':id')
  @RequireScope('admin')
  async show(@Workspace() workspace: string, @Param('id') id: string) {
    const letter = await this.store.find(workspace, id);
    if (letter === null) throw new Problem(404, 'Not found', `there is no dead letter "${id}"`);
    const { value, ...rest } = letter;
    return { ...rest, text: value?.toString('utf8') ?? null, base64: value?.toString('base64') ?? null };
  }

  @Post('redrive')
  @HttpCode(200)
  @RequireScope('admin')
  redrive(@Workspace() workspace: string, @Body() body: unknown) {
    return this.settle(workspace, body, 'redriven', (letters) =>
      this.publisher.publish(letters.map((letter) => toOutgoing(letter, this.settings.defaultWorkspace))),
    );
  }

  @Post('discard')
  @HttpCode(200)
  @RequireScope('admin')
  discard(@Workspace() workspace: string, @Body() body: unknown) {
    return this.settle(workspace, body, 'discarded', () => Promise.resolve());
  }

  private async settle(
    workspace: string,
    body: unknown,
    state: 'redriven' | 'discarded',
    work: (letters: readonly DeadLetter[]) => Promise<void>,
  ): Promise<{ count: number }> {
    const { dryRun, ...choice } = readChoice(body);
    if (dryRun) return { count: await this.store.count(workspace, choice) };
    let count = 0;
    for (let settled = -1; settled !== 0; count += settled) settled = await this.store.settle(workspace, choice, state, work);
    return { count };
  }
}

const states: readonly string[] = ['waiting', 'redriven', 'discarded'] satisfies DeadLetter['state'][];

function stateOf(text: string | undefined): string | null {
  if (text !== undefined && !states.includes(text)) throw new Problem(400, 'Bad state', `state must be one of ${states.join(', ')}`);
  return text ?? null;
}

function readChoice(body: unknown): LetterChoice & { readonly dryRun: boolean } {
  const problems = shapeOf(body ?? {});
  if (problems.length > 0) throw new Problem(400, 'Bad request', `${problems[0]?.place}: ${problems[0]?.message}`);
  const request = (body ?? {}) as Static<typeof SettleRequest>;
  refuseUnchosen(request);
  const { ids, topic, reason, dryRun } = request;
  return { ids: ids ?? null, topic: topic ?? null, reason: reason ?? null, dryRun: dryRun ?? false };
}

function refuseUnchosen({ ids, topic, reason, all }: Static<typeof SettleRequest>): void {
  if ([ids, topic, reason, all].some((said) => said !== undefined)) return;
  throw new Problem(400, 'Bad request', 'choose letters by ids, topic or reason, or say "all": true', { field: 'ids' });
}

const topicNames: ReadonlySet<string> = new Set(allTopics.map(({ name }) => name));

/**
 * The same bytes under the same key on the topic they came from; what came by HTTP goes in by the front door, which
 * belongs to one workspace: another's letters would change hands there, so they are refused.
 */
function toOutgoing({ workspace, sourceTopic, key, value, headers }: DeadLetter, doorOf: string): Outgoing {
  const known = topicNames.has(sourceTopic);
  if (!known && workspace !== doorOf) {
    throw new Problem(409, 'Cannot be redriven', `what came over HTTP is redriven through the topic inbound, which belongs to the workspace "${doorOf}"; send it again over HTTP`);
  }
  return { topic: known ? sourceTopic : inbound.name, key, value, headers, traceparent: headers['traceparent'] ?? null };
}
