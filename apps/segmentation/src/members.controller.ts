import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  cursorOf,
  limitOf,
  pageOf,
  Problem,
  RequireScope,
  Workspace,
  type Page,
  type PageQuery,
} from '@tidings/service';
import { ProfileReading } from './profile-reading.store.js';
import { SegmentCatalog } from './segment-catalog.js';

/** Somebody in a segment. */
export interface ShownMember {
  readonly profileId: string;
}

/** Who is in a segment. */
@Controller('api/v1/segments')
@RequireScope('read')
export class MembersController {
  constructor(
    private readonly catalog: SegmentCatalog,
    private readonly reading: ProfileReading,
  ) {}

  /** The members in the order of their ids, and how many there are; of a snapshot with the moment of which they are. */
  @Get(':id/members')
  async members(
    @Workspace() workspace: string,
    @Param('id') segment: string,
    @Query() query: PageQuery,
  ): Promise<Page<ShownMember> & { count: number; takenAt?: string }> {
    if (!this.catalog.has(workspace, segment))
      throw new Problem(404, 'No such segment', 'There is no segment of this id.');
    const limit = limitOf(query);
    const [after = ''] = cursorOf(query, 1) ?? [];
    const { members, count } = await this.reading.members(workspace, segment, after, limit + 1);
    const page = pageOf(
      members,
      limit,
      (row) => [row.profile_id],
      (row) => ({ profileId: row.profile_id }),
    );
    const snapshot = this.catalog.of(workspace).snapshots.find(({ id }) => id === segment);
    return { ...page, count, ...(snapshot && { takenAt: new Date(snapshot.takenAt).toISOString() }) };
  }
}
