import { Controller, Get, Param, Query } from '@nestjs/common';
import { cursorOf, limitOf, pageOf, Problem, RequireScope, Workspace, type Page, type PageQuery } from '@tidings/service';
import { validate } from 'uuid';
import type { MessageRecord } from '../messages/message-record.js';
import { ReportsStore } from './reports.store.js';

type Shown = Omit<MessageRecord, 'workspace' | 'day'>;

const states: readonly string[] = ['in-flight', 'sent', 'withheld', 'failed'] satisfies readonly MessageRecord['state'][];

/** Why each message was sent or withheld, and what became of it. */
@Controller('api/v1')
@RequireScope('read')
export class DecisionsController {
  constructor(private readonly reports: ReportsStore) {}

  @Get('decisions')
  async list(
    @Workspace() workspace: string,
    @Query() query: PageQuery & { profile?: string; journey?: string; message?: string; state?: string },
  ): Promise<Page<Shown>> {
    const limit = limitOf(query);
    const filter = { profile: query.profile ?? null, journey: query.journey ?? null, message: idOf(query.message), state: stateOf(query.state) };
    const rows = await this.reports.messages(workspace, filter, cursorOf(query, 2), limit + 1);
    return pageOf(rows, limit, ({ decidedAt, messageId }) => [decidedAt ?? '', messageId], show);
  }

  @Get('analytics/messages/:id')
  async message(@Workspace() workspace: string, @Param('id') id: string): Promise<Shown> {
    const [message] = await this.reports.messages(workspace, { profile: null, journey: null, message: idOf(id), state: null }, null, 1);
    if (message === undefined) throw new Problem(404, 'Not found', `there is no message "${id}"`);
    return show(message);
  }
}

function show({ workspace: _workspace, day: _day, ...shown }: MessageRecord): Shown {
  return shown;
}

function idOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!validate(text)) throw new Problem(400, 'Bad message id', 'a message id is a UUID');
  return text;
}

function stateOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!states.includes(text)) throw new Problem(400, 'Bad state', `state must be one of ${states.join(', ')}`);
  return text;
}
