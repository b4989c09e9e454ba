import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { outgoing } from '@tidings/bus';
import { events } from '@tidings/contracts';
import { beginSpan, Problem, RequireScope, Workspace } from '@tidings/service';
import { Refusal } from '../accept/refusal.js';
import { AckGate } from '../ack-gate.js';
import { requestIdOf } from '../api/request-id.js';
import { traceparentOf } from '../http/traceparent.js';
import { countEvents } from '../ingest-metrics.js';
import { listingEvents } from './list-request.js';
import { Lists } from './lists.js';

/** What a caller is told of a list that is being changed. */
export interface ChangedList {
  readonly list: string;
  readonly added: number;
  readonly removed: number;
}

/** Lets people put profiles on lists, for which segments ask. */
@Controller('api/v1/lists')
@RequireScope('write')
export class ListsController {
  constructor(
    private readonly lists: Lists,
    private readonly gate: AckGate,
  ) {}

  /** Answers 202 once all of it is durable; the same `Idempotency-Key` again is the same request. */
  @Post(':id/members')
  @HttpCode(202)
  async change(
    @Workspace() workspace: string,
    @Param('id') list: string,
    @Body() body: unknown,
    @Headers() headers: { readonly traceparent?: string; readonly 'idempotency-key'?: string },
  ): Promise<ChangedList> {
    const span = beginSpan('POST /api/v1/lists/:id/members', { parent: traceparentOf(headers.traceparent), kind: 'server' });
    try {
      const changed = await this.publish({ workspace, list, key: requestIdOf(headers['idempotency-key']), now: new Date() }, body, span.traceparent);
      span.end();
      return changed;
    } catch (error) {
      span.end({}, error);
      throw error;
    }
  }

  private async publish(context: Parameters<typeof listingEvents>[1], body: unknown, traceparent: string | null): Promise<ChangedList> {
    if (!this.lists.has(context.workspace, context.list)) throw Problem.ofStatus(404, 'No published segment asks for this list.');
    const made = listingEvents(body, context);
    if (made instanceof Refusal) {
      countEvents('api', 'refused');
      throw Problem.ofStatus(422, `${made.field === '' ? 'the request' : made.field} ${made.message}.`, { field: made.field });
    }
    const outcome = await this.gate.publish(made.map((event) => outgoing(events, event, traceparent)));
    countEvents('api', outcome === 'acked' ? 'accepted' : 'unavailable', made.length);
    if (outcome !== 'acked') throw Problem.ofStatus(503, 'The request could not be made durable.', { headers: { 'retry-after': '2' } });
    const added = made.filter(({ properties }) => properties['listed'] === true).length;
    return { list: context.list, added, removed: made.length - added };
  }
}
