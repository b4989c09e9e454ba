import { Get, Param, Query } from '@nestjs/common';
import { Workspace, type Page, type PageQuery } from '@tidings/service';
import type { KeptDeliveries, KeptDelivery } from './kept-deliveries.store.js';

/**
 * What is asked over HTTP of what a channel keeps under a profile's id beyond what was told of its messages: addresses and contents
 * that wait, what providers said, recalls. The channel's controller extends it, and says under which path it answers and with which scope.
 */
export abstract class ChannelDeliveries {
  protected constructor(private readonly kept: KeptDeliveries) {}

  @Get(':profileId')
  ofProfile(@Workspace() workspace: string, @Param('profileId') profileId: string, @Query() query: PageQuery): Promise<Page<KeptDelivery>> {
    return this.kept.page(workspace, profileId, query);
  }
}
