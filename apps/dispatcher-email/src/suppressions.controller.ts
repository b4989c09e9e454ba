import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { ListedSuppression, SuppressionChange } from '@tidings/dispatch';
import { CalledBy, RequireScope, Workspace, type Caller, type Page, type PageQuery } from '@tidings/service';
import { EmailDispatcher } from './email.dispatcher.js';

/** Which mailboxes nothing is sent to any more; they are shown by their keyed hash alone. */
@Controller('api/v1/suppressions/email')
@RequireScope('admin')
export class SuppressionsController {
  constructor(private readonly email: EmailDispatcher) {}

  @Get()
  list(@Workspace() workspace: string, @Query() query: PageQuery): Promise<Page<ListedSuppression>> {
    return this.email.suppressionDesk.page(workspace, query);
  }

  @Post()
  add(@CalledBy() caller: Caller, @Body() body: unknown): Promise<ListedSuppression> {
    return this.email.suppressionDesk.add(caller, body);
  }

  @Post('lookup')
  @HttpCode(200)
  lookUp(@Workspace() workspace: string, @Body() body: unknown): Promise<ListedSuppression> {
    return this.email.suppressionDesk.lookUp(workspace, body);
  }

  @Get(':id/history')
  history(@Workspace() workspace: string, @Param('id') id: string): Promise<Page<SuppressionChange>> {
    return this.email.suppressionDesk.history(workspace, id);
  }

  @Delete(':id')
  @HttpCode(204)
  lift(@CalledBy() caller: Caller, @Param('id') id: string, @Body() body: unknown): Promise<void> {
    return this.email.suppressionDesk.lift(caller, id, body);
  }
}
