import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { outgoing } from '@tidings/bus';
import { events, type JourneyDefinition } from '@tidings/contracts';
import { beginSpan, Catalog, Problem, RequireScope, Workspace } from '@tidings/service';
import { Refusal } from '../accept/refusal.js';
import { AckGate } from '../ack-gate.js';
import { traceparentOf } from '../http/traceparent.js';
import { countEvents } from '../ingest-metrics.js';
import { sentenceOf } from '../refused-event.js';
import { requestIdOf } from './request-id.js';
import { triggerEvent } from './run-request.js';

/** What a caller is told of a run that was asked for; whether it begins is for the journey to decide. */
export interface RequestedRun {
  readonly journey: string;
  readonly profileId: string;
  readonly messageId: string;
}

/** Lets back ends ask for runs of a journey. */
@Controller('api/v1/journeys')
@RequireScope('write')
export class RunsController {
  constructor(
    private readonly catalog: Catalog,
    private readonly gate: AckGate,
  ) {}

  /** Answers 202 once the request is durable; the same `Idempotency-Key` again is the same request. */
  @Post(':id/runs')
  @HttpCode(202)
  async run(
    @Workspace() workspace: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers() headers: RunHeaders,
  ): Promise<RequestedRun> {
    const span = beginSpan('POST /api/v1/journeys/:id/runs', {
      parent: traceparentOf(headers.traceparent),
      kind: 'server',
    });
    try {
      const requested = await this.publish({
        workspace,
        id,
        body,
        key: headers['idempotency-key'],
        traceparent: span.traceparent,
      });
      span.end();
      return requested;
    } catch (error) {
      span.end({}, error);
      throw error;
    }
  }

  private async publish({ workspace, id, body, key, traceparent }: RunRequest): Promise<RequestedRun> {
    const journey = this.journey(workspace, id);
    const event = triggerEvent(body, { workspace, journey, messageId: requestIdOf(key), now: new Date() });
    if (event instanceof Refusal) {
      countEvents('api', 'refused');
      throw Problem.ofStatus(422, `${sentenceOf(event)}.`, { field: event.field });
    }
    const outcome = await this.gate.publish([outgoing(events, event, traceparent)]);
    countEvents('api', outcome === 'acked' ? 'accepted' : 'unavailable');
    if (outcome !== 'acked')
      throw Problem.ofStatus(503, 'The request could not be made durable.', { headers: { 'retry-after': '2' } });
    return { journey: journey.id, profileId: event.profileId, messageId: event.messageId };
  }

  private journey(workspace: string, id: string): JourneyDefinition {
    const found = this.catalog.find('journey', workspace, id);
    if (found === undefined || id.includes('@')) throw Problem.ofStatus(404, 'There is no such journey.');
    if (found.status === 'archived')
      throw Problem.ofStatus(409, 'The journey is archived: nothing new begins with it.');
    if (!found.body.entry.some((entry) => 'api' in entry))
      throw Problem.ofStatus(409, 'The journey does not begin by a call of the API.');
    return found.body;
  }
}

interface RunHeaders {
  readonly traceparent?: string;
  readonly 'idempotency-key'?: string;
}

interface RunRequest {
  readonly workspace: string;
  readonly id: string;
  readonly body: unknown;
  readonly key: string | undefined;
  readonly traceparent: string | null;
}
