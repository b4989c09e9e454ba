import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { ProviderDefinition, shapeCheck } from '@tidings/contracts';
import { CalledBy, Problem, RequireScope, seal, Workspace, type Caller, cursorOf, limitOf, pageOf, type PageQuery } from '@tidings/service';
import type { Static } from 'typebox';
import { API_SETTINGS, type ApiSettings } from '../api-settings.js';
import { DefinitionPublisher } from '../definitions/definition-publisher.js';
import { DefinitionsStore } from '../definitions/definitions.store.js';
import { ProviderRequest } from './provider-request.js';

const shapeOf = shapeCheck(ProviderRequest);

const channelOf: Readonly<Record<ProviderDefinition['kind'], readonly ProviderDefinition['channel'][]>> = {
  fcm: ['push'],
  sendgrid: ['email'],
  smtp: ['email'],
  sandbox: ['push', 'email'],
};

/** Accounts at providers. */
@Controller('api/v1/providers')
export class ProvidersController {
  constructor(
    private readonly store: DefinitionsStore,
    private readonly publisher: DefinitionPublisher,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  @Get()
  @RequireScope('read')
  async list(@Workspace() workspace: string, @Query() query: PageQuery) {
    const limit = limitOf(query);
    const rows = await this.store.page(workspace, ['provider'], cursorOf(query, 2), limit + 1);
    return pageOf(rows, limit, ({ kind, id }) => [kind, id], ({ body }) => shown(body as ProviderDefinition));
  }

  @Put(':id')
  @RequireScope('admin')
  async put(@Workspace() workspace: string, @CalledBy() { keyId: actor }: Caller, @Param('id') id: string, @Body() body: unknown) {
    const { credentials, ...rest } = readRequest(body);
    const sealed = credentials === undefined ? null : seal(this.settings.masterKey, `provider:${workspace}:${id}`, JSON.stringify(credentials));
    const provider: ProviderDefinition = { id, ...rest, sealed };
    const problems = providerShape(provider);
    if (problems.length > 0) throw new Problem(400, 'Bad request', `${problems[0]?.place}: ${problems[0]?.message}`);
    await this.publisher.publish(workspace, [{ kind: 'provider', id, body: provider }], actor);
    return shown(provider);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireScope('admin')
  async remove(@Workspace() workspace: string, @CalledBy() { keyId: actor }: Caller, @Param('id') id: string): Promise<void> {
    if (!(await this.publisher.archive(workspace, 'provider', id, actor))) throw new Problem(404, 'Not found', `there is no provider "${id}"`);
  }
}

const providerShape = shapeCheck(ProviderDefinition);

function readRequest(body: unknown): Static<typeof ProviderRequest> {
  const problems = shapeOf(body);
  if (problems.length > 0) throw new Problem(400, 'Bad request', `${problems[0]?.place}: ${problems[0]?.message}`);
  const request = body as Static<typeof ProviderRequest>;
  if (!channelOf[request.kind].includes(request.channel)) {
    throw new Problem(400, 'Bad request', `channel: ${request.kind} sends ${channelOf[request.kind].join(' or ')}, not ${request.channel}`);
  }
  return request;
}

function shown({ sealed, ...rest }: ProviderDefinition) {
  return { ...rest, hasCredentials: sealed !== null };
}
