import { Controller, Delete, Headers, HttpCode, Param } from '@nestjs/common';
import { outgoing } from '@tidings/bus';
import { events } from '@tidings/contracts';
import { Problem, RequireScope, Workspace } from '@tidings/service';
import { Refusal } from '../accept/refusal.js';
import { AckGate } from '../ack-gate.js';
import { traceparentOf } from '../http/traceparent.js';
import { countEvents } from '../ingest-metrics.js';
import { sentenceOf } from '../refused-event.js';
import { leaveGroupEvent } from './leave-group.js';
import { requestIdOf } from './request-id.js';

/** Who was said to have left which group. */
export interface LeftGroup {
  readonly groupId: string;
  readonly profileId: string;
  readonly messageId: string;
}

/** Lets back ends say that somebody left a group. */
@Controller('api/v1/groups')
@RequireScope('write')
export class GroupMembersController {
  constructor(private readonly gate: AckGate) {}

  /** Answers 202 once that is durable; the same `Idempotency-Key` again is the same event. */
  @Delete(':id/members/:profileId')
  @HttpCode(202)
  async leave(
    @Workspace() workspace: string,
    @Param('id') groupId: string,
    @Param('profileId') profileId: string,
    @Headers() headers: { readonly traceparent?: string; readonly 'idempotency-key'?: string },
  ): Promise<LeftGroup> {
    const messageId = requestIdOf(headers['idempotency-key']);
    const event = leaveGroupEvent({ workspace, groupId, profileId, messageId, now: new Date() });
    if (event instanceof Refusal) {
      countEvents('api', 'refused');
      throw Problem.ofStatus(422, `${sentenceOf(event)}.`, { field: event.field });
    }
    const outcome = await this.gate.publish([outgoing(events, event, traceparentOf(headers.traceparent))]);
    countEvents('api', outcome === 'acked' ? 'accepted' : 'unavailable');
    if (outcome !== 'acked')
      throw Problem.ofStatus(503, 'The request could not be made durable.', { headers: { 'retry-after': '2' } });
    return { groupId, profileId: event.profileId, messageId };
  }
}
