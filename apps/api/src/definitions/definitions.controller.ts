import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { DefinitionKind } from '@tidings/contracts';
import { checkSet, dependentsOf, type Dependent, type DefinitionSet, type UncheckedSet } from '@tidings/definition';
import { CalledBy, Catalog, Problem, RequireScope, Workspace, type Caller, cursorOf, limitOf, pageOf, type PageQuery } from '@tidings/service';
import type { Wanted } from './definition-change.js';
import { DefinitionPublisher } from './definition-publisher.js';
import { DefinitionsStore, type StoredVersion } from './definitions.store.js';

const kinds: readonly DefinitionKind[] = ['segment', 'computed-trait', 'journey', 'template', 'source'];

/** Segments, journeys, templates and sources: published, read and archived. */
@Controller('api/v1/definitions')
export class DefinitionsController {
  constructor(
    private readonly store: DefinitionsStore,
    private readonly publisher: DefinitionPublisher,
    private readonly catalog: Catalog,
  ) {}

  @Post('apply')
  @HttpCode(200)
  @RequireScope('write')
  async apply(@Workspace() workspace: string, @CalledBy() { keyId: actor }: Caller, @Body() body: unknown) {
    const { set, dryRun } = readApply(body);
    const checked = checkSet(set, this.known(workspace));
    if (!checked.ok) throw Problem.ofProblems('Definitions are not right', checked.problems);
    const { templates, segments, computedTraits, journeys, sources } = checked.set;
    const wanted: Wanted[] = [
      ...templates.map((template) => ({ kind: 'template' as const, id: template.id, body: template })),
      ...computedTraits.map((trait) => ({ kind: 'computed-trait' as const, id: trait.id, body: trait })),
      ...segments.map((segment) => ({ kind: 'segment' as const, id: segment.id, body: segment })),
      ...journeys.map((journey) => ({ kind: 'journey' as const, id: journey.id, body: journey })),
      ...sources.map((source) => ({ kind: 'source' as const, id: source.id, body: source })),
    ];
    const { changes, publishedAt } = await this.publisher.publish(workspace, wanted, actor, { dryRun });
    const mentioning = this.mentioning(workspace, checked.set);
    return {
      changes: changes.map(({ kind, id, change, version, takenAt }) => {
        const dependents = change === 'updated' && dryRun ? dependentsIn(mentioning, kind, id) : [];
        return { kind, id, change, version, ...(takenAt !== undefined && { takenAt }), ...(dependents.length > 0 && { dependents }) };
      }),
      applied: !dryRun,
      publishedAt,
    };
  }

  @Get()
  @RequireScope('read')
  async list(@Workspace() workspace: string, @Query() query: PageQuery & { kind?: string }) {
    const limit = limitOf(query);
    const wanted = query.kind === undefined ? kinds : [kindOf(query.kind)];
    const rows = await this.store.page(workspace, wanted, cursorOf(query, 2), limit + 1);
    return pageOf(rows, limit, ({ kind, id }) => [kind, id], ({ body: _body, ...rest }) => rest);
  }

  @Get(':kind/:id')
  @RequireScope('read')
  async show(@Workspace() workspace: string, @Param('kind') kind: string, @Param('id') id: string): Promise<StoredVersion> {
    const [newest] = await this.versions(workspace, kind, id);
    return newest;
  }

  @Get(':kind/:id/versions')
  @RequireScope('read')
  async history(@Workspace() workspace: string, @Param('kind') kind: string, @Param('id') id: string) {
    return { items: await this.versions(workspace, kind, id), next: null };
  }

  /** What changes with it: to be looked at before it is changed or archived. */
  @Get(':kind/:id/dependents')
  @RequireScope('read')
  async dependents(@Workspace() workspace: string, @Param('kind') kind: string, @Param('id') id: string) {
    await this.versions(workspace, kind, id);
    return { items: dependentsIn(this.mentioning(workspace), kindOf(kind), id), next: null };
  }

  @Delete(':kind/:id')
  @HttpCode(204)
  @RequireScope('write')
  async archive(@Workspace() workspace: string, @CalledBy() { keyId: actor }: Caller, @Param('kind') kind: string, @Param('id') id: string): Promise<void> {
    if (!(await this.publisher.archive(workspace, kindOf(kind), id, actor))) throw unknown(kind, id);
  }

  private async versions(workspace: string, kind: string, id: string): Promise<[StoredVersion, ...StoredVersion[]]> {
    const [newest, ...older] = await this.store.versions(workspace, kindOf(kind), id);
    if (newest === undefined) throw unknown(kind, id);
    return [newest, ...older];
  }

  /** What is published, as it would be with a set. */
  private mentioning(workspace: string, set: Pick<DefinitionSet, 'segments' | 'journeys'> = { segments: [], journeys: [] }): Pick<DefinitionSet, 'segments' | 'journeys'> {
    const segments = this.catalog.all('segment', workspace).map(({ body }) => body);
    const journeys = this.catalog.all('journey', workspace).map(({ body }) => body);
    return { segments: overlaid(segments, set.segments), journeys: overlaid(journeys, set.journeys) };
  }

  private known(workspace: string) {
    const ids = (kind: 'segment' | 'template' | 'computed-trait') => new Set(this.catalog.all(kind, workspace).map(({ id }) => id));
    const asks = new Map(this.catalog.all('segment', workspace).map(({ id, body }) => [id, body.where]));
    return { segments: ids('segment'), templates: ids('template'), computedTraits: ids('computed-trait'), asks };
  }
}

const dependentsIn = (mentioning: Parameters<typeof dependentsOf>[1], kind: DefinitionKind, id: string): readonly Dependent[] =>
  kind === 'segment' || kind === 'template' || kind === 'computed-trait' ? dependentsOf({ kind, id }, mentioning) : [];

function overlaid<D extends { readonly id: string }>(published: readonly D[], news: readonly D[]): D[] {
  return [...new Map([...published, ...news].map((each) => [each.id, each])).values()];
}

function kindOf(text: string): DefinitionKind {
  const kind = kinds.find((candidate) => candidate === text);
  if (kind === undefined) throw new Problem(400, 'Unknown kind', `kind must be one of ${kinds.join(', ')}`);
  return kind;
}

const unknown = (kind: string, id: string) => new Problem(404, 'Not found', `there is no ${kind} "${id}"`);

const applyRequest = 'send { segments, computedTraits, journeys, templates, sources, dryRun }';
const applyFields: readonly string[] = ['segments', 'computedTraits', 'journeys', 'templates', 'sources', 'dryRun'];

/** The definitions of a request, not checked yet. */
function readApply(body: unknown): { readonly set: UncheckedSet; readonly dryRun: boolean } {
  if (typeof body !== 'object' || body === null) throw new Problem(400, 'Bad request', applyRequest);
  const stray = Object.keys(body).find((field) => !applyFields.includes(field));
  if (stray !== undefined) throw new Problem(400, 'Bad request', `there is no field "${stray}"; ${applyRequest}`);
  const { dryRun = false } = body as { dryRun?: unknown };
  if (typeof dryRun !== 'boolean') throw new Problem(400, 'Bad request', 'dryRun must be true or false');
  const list = (field: string) => listIn(body, field);
  const set = {
    segments: list('segments'),
    computedTraits: list('computedTraits'),
    journeys: list('journeys'),
    templates: list('templates'),
    sources: list('sources'),
  };
  return { set, dryRun };
}

function listIn(body: object, field: string): readonly unknown[] {
  const list: unknown = Reflect.get(body, field) ?? [];
  if (!Array.isArray(list)) throw new Problem(400, 'Bad request', `${field} must be a list`);
  return list;
}
