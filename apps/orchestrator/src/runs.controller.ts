import { Controller, Get, Param, Query } from '@nestjs/common';
import { isActive, type Run } from '@tidings/journey';
import { cursorOf, limitOf, pageOf, RequireScope, Workspace, type Page, type PageQuery } from '@tidings/service';
import { ProgressStore } from './progress.store.js';

/** A run as the API shows it. */
export type ShownRun = Pick<Run, 'id' | 'journey' | 'version' | 'key' | 'step' | 'startedAt' | 'since' | 'wakeAt'>;

/** Where a profile stands in its journeys. */
@Controller('api/v1/profiles')
@RequireScope('read')
export class RunsController {
  constructor(private readonly store: ProgressStore) {}

  /** The runs that are on their way, the oldest first; none for a profile that nobody heard of. */
  @Get(':id/runs')
  async runs(
    @Workspace() workspace: string,
    @Param('id') profileId: string,
    @Query() query: PageQuery,
  ): Promise<Page<ShownRun>> {
    const limit = limitOf(query);
    const [startedAt = '', id = ''] = cursorOf(query, 2) ?? [];
    const runs = (await this.store.runsOf({ workspace, profileId }))
      .filter((run) => isActive(run) && (run.startedAt > startedAt || (run.startedAt === startedAt && run.id > id)))
      .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    return pageOf(runs, limit, (run) => [run.startedAt, run.id], shown);
  }
}

const sortKey = ({ startedAt, id }: Run): string => `${startedAt} ${id}`;

const shown = ({ id, journey, version, key, step, startedAt, since, wakeAt }: Run): ShownRun => ({
  id, journey, version, key, step, startedAt, since, wakeAt,
}); // prettier-ignore
