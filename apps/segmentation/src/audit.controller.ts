import { Controller, Get, Query } from '@nestjs/common';
import { cursorOf, limitOf, RequireScope, Workspace, type Page, type PageQuery } from '@tidings/service';
import type { Findings } from './audit.js';
import { Auditor } from './auditor.js';

/** What was found about a page of profiles. */
export interface ShownAudit extends Findings {
  readonly historySince: string;
  /** How many profiles there are in all; said on the first page. */
  readonly profiles: number | null;
}

/** Whether memberships are what history says. */
@Controller('api/v1/segments/audit')
@RequireScope('read')
export class AuditController {
  constructor(private readonly auditor: Auditor) {}

  /** Audits the next profiles in the order of their ids; the one item is what was found about them. */
  @Get()
  async audit(@Workspace() workspace: string, @Query() query: PageQuery): Promise<Page<ShownAudit>> {
    const [after = null] = cursorOf(query, 1) ?? [];
    const stretch = { after: after ?? '', limit: limitOf(query) };
    const { last, ...found } = await this.auditor.audit(workspace, stretch, new Date());
    const profiles = after === null ? await this.auditor.count(workspace) : null;
    const next = last === null ? null : Buffer.from(JSON.stringify([last])).toString('base64url');
    return { items: [{ ...found, profiles }], next };
  }
}
