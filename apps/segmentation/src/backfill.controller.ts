import { Controller, Get } from '@nestjs/common';
import { RequireScope, Workspace } from '@tidings/service';
import { BackfillStore } from './backfill.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { shownBackfill, type ShownBackfill } from './shown-backfill.js';

/** How far the newest segments have been worked out for those who were there before. */
@Controller('api/v1/segments/progress')
@RequireScope('read')
export class BackfillController {
  constructor(
    private readonly catalog: SegmentCatalog,
    private readonly store: BackfillStore,
  ) {}

  @Get()
  async progress(@Workspace() workspace: string): Promise<ShownBackfill> {
    const heard = { news: this.catalog.of(workspace), records: this.catalog.records(workspace) };
    return shownBackfill(await this.store.progress(workspace), heard, Date.now());
  }
}
