import { Controller, Get, Param, Query } from '@nestjs/common';
import { cursorOf, limitOf, pageOf, Problem, RequireScope, Workspace, type Page, type PageQuery } from '@tidings/service';
import { validate } from 'uuid';
import { TimelineStore, type TimelinePlace } from './timeline.store.js';

/** A moment as the API shows it: when, what, and what there is to say of it. */
export interface ShownMoment {
  readonly at: string;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

/** No moment lies behind it; Postgres and JavaScript write what does in different ways. */
const FAR = Date.UTC(9999, 11, 31);

/** What happened to a profile and because of it, one after the other. */
@Controller('api/v1/profiles')
@RequireScope('read')
export class TimelineController {
  constructor(private readonly store: TimelineStore) {}

  /**
   * Events, merges, segments entered and left, runs, messages and what became of them, the newest first; of the last 90 days.
   * Empty for somebody unknown.
   */
  @Get(':id/timeline')
  async timeline(@Workspace() workspace: string, @Param('id') profileId: string, @Query() query: PageQuery): Promise<Page<ShownMoment>> {
    const limit = limitOf(query);
    const rows = await this.store.page(workspace, profileId, placeOf(query), limit + 1);
    return pageOf(rows, limit, ({ at, id }) => [instantOf(at), id], ({ at, kind, detail }) => ({ ...detail, at: instantOf(at), kind }));
  }
}

function placeOf(query: PageQuery): TimelinePlace | null {
  const cursor = cursorOf(query, 2);
  if (cursor === null) return null;
  const [at, id = ''] = [Date.parse(cursor[0] ?? ''), cursor[1]];
  if (!(at >= 0 && at <= FAR) || !validate(id)) throw new Problem(400, 'Bad cursor', 'after must be the `next` of the page before');
  return { at, id };
}

const instantOf = (at: string): string => new Date(at).toISOString();
