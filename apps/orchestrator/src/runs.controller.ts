import { Controller, Get, Param, Query } from '@nestjs/common';
import { isActive, type Run } from '@tidings/journey';
import { cursorOf, limitOf, pageOf, RequireScope, Workspace, type Page, type PageQuery } from '@tidings/service';
import { ProgressStore } from './progress.store.js';

/** A run as the API shows it. */
export type ShownRun = Pick<Run, 'id' | 'journey' | 'version' | 'key' | 'step' | 'startedAt' | 'since' | 'wakeAt'> & Partial<Pick<Run, 'event'>>;

/** Where a profile stands in its journeys. */
@Controller('api/v1/profiles')
@RequireScope('read')
export class RunsController {
  constructor(private readonly store: ProgressStore) {}

  /**
   * The runs that are on their way, the oldest first; none for a profile that nobody heard of. With `ended=true` also those that
   * have ended and are kept while their messages may be recalled, and the event that began each: all that is held, for exports.
   */
  @Get(':id/runs')
  async runs(
    @Workspace() workspace: string,
    @Param('id') profileId: string,
    @Query() query: PageQuery & { readonly ended?: string },
  ): Promise<Page<ShownRun>> {
    const limit = limitOf(query);
    const isWhole = query.ended === 'true';
    const [startedAt = '', id = ''] = cursorOf(query, 2) ?? [];
    const runs = (await this.store.runsOf({ workspace, profileId }))
      .filter((run) => (isWhole || isActive(run)) && (run.startedAt > startedAt || (run.startedAt === startedAt && run.id > id)))
      .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    return pageOf(runs, limit, (run) => [run.startedAt, run.id], isWhole ? whole : shown);
  }
}

const sortKey = ({ startedAt, id }: Run): string => `${startedAt} ${id}`;

const whole = (run: Run): ShownRun => ({ ...shown(run), event: run.event });

const shown = ({ id, journey, version, key, step, startedAt, since, wakeAt }: Run): ShownRun => ({
  id, journey, version, key, step, startedAt, since, wakeAt,
}); // prettier-ignore
