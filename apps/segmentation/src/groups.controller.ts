import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Values } from '@tidings/contracts';
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
import { GroupReading, type ReadGroup } from './group-reading.store.js';

/** A group as the API shows it. */
export interface ShownGroup {
  readonly id: string;
  /** How often a trait of it changed. */
  readonly version: number;
  readonly traits: Values;
  readonly createdAt: string;
}

/** Somebody who belongs to a group. */
export interface ShownGroupMember {
  readonly profileId: string;
  readonly since: string;
}

/** Which groups there are, and who belongs to them. */
@Controller('api/v1/groups')
@RequireScope('read')
export class GroupsController {
  constructor(private readonly reading: GroupReading) {}

  /** Groups in the order of their ids. */
  @Get()
  async list(@Workspace() workspace: string, @Query() query: PageQuery): Promise<Page<ShownGroup>> {
    const limit = limitOf(query);
    const [after = ''] = cursorOf(query, 1) ?? [];
    return pageOf(await this.reading.list(workspace, after, limit + 1), limit, (row) => [row.group_id], shown);
  }

  /** One group: its traits, and how many belong to it. */
  @Get(':id')
  async one(
    @Workspace() workspace: string,
    @Param('id') groupId: string,
  ): Promise<ShownGroup & { readonly members: number }> {
    const row = await this.reading.group({ workspace, groupId });
    if (row === undefined) throw unknown();
    return { ...shown(row), members: row.members };
  }

  /** Who belongs to it, in the order of their ids, and since when. */
  @Get(':id/members')
  async members(
    @Workspace() workspace: string,
    @Param('id') groupId: string,
    @Query() query: PageQuery,
  ): Promise<Page<ShownGroupMember>> {
    const limit = limitOf(query);
    const [after = ''] = cursorOf(query, 1) ?? [];
    const rows = await this.reading.members({ workspace, groupId }, after, limit + 1);
    if (rows.length === 0 && (await this.reading.group({ workspace, groupId })) === undefined) throw unknown();
    return pageOf(
      rows,
      limit,
      (row) => [row.profile_id],
      (row) => ({ profileId: row.profile_id, since: new Date(row.since).toISOString() }),
    );
  }
}

const unknown = () => new Problem(404, 'No such group', 'There is no group of this id.');

const shown = ({ group_id: id, version, traits, created_at: createdAt }: ReadGroup): ShownGroup => ({
  id,
  version,
  traits,
  createdAt: createdAt.toISOString(),
});
