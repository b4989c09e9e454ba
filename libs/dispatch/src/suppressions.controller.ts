import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CalledBy, Workspace, type Caller, type Page, type PageQuery } from '@tidings/service';
import type { SuppressionDesk } from './suppression-desk.js';
import type { ListedSuppression, SuppressionChange, SuppressionRecord } from './suppression-list.store.js';

/**
 * What is asked over HTTP of a channel's suppressed addresses, which are shown by their keyed hash alone. The channel's
 * controller extends it, and says under which path it answers and with which scope.
 */
export abstract class ChannelSuppressions {
  protected constructor(private readonly desk: SuppressionDesk) {}

  @Get()
  list(@Workspace() workspace: string, @Query() query: PageQuery): Promise<Page<ListedSuppression>> {
    return this.desk.page(workspace, query);
  }

  @Post()
  add(@CalledBy() caller: Caller, @Body() body: unknown): Promise<ListedSuppression> {
    return this.desk.add(caller, body);
  }

  @Post('lookup')
  @HttpCode(200)
  lookUp(@Workspace() workspace: string, @Body() body: unknown): Promise<ListedSuppression> {
    return this.desk.lookUp(workspace, body);
  }

  @Post('record')
  @HttpCode(200)
  record(@Workspace() workspace: string, @Body() body: unknown): Promise<SuppressionRecord> {
    return this.desk.record(workspace, body);
  }

  @Get(':id/history')
  history(@Workspace() workspace: string, @Param('id') id: string): Promise<Page<SuppressionChange>> {
    return this.desk.history(workspace, id);
  }

  @Delete(':id')
  @HttpCode(204)
  lift(@CalledBy() caller: Caller, @Param('id') id: string, @Body() body: unknown): Promise<void> {
    return this.desk.lift(caller, id, body);
  }
}
