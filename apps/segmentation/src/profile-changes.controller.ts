import { randomUUID } from 'node:crypto';
import { Controller, Delete, HttpCode, Param } from '@nestjs/common';
import { outgoing, Publisher } from '@tidings/bus';
import { erasureOf, erasures, events, nobody } from '@tidings/contracts';
import { Problem, RequireScope, Workspace } from '@tidings/service';

const MAX_ID_LENGTH = 255;

/** What is asked to become of a profile: it becomes so by an event, as everything does. */
@Controller('api/v1/profiles')
export class ProfileChangesController {
  constructor(private readonly publisher: Publisher) {}

  /** Erases the person, by any of their ids; answers 202 once that is durable, with the id under which it can be followed. */
  @Delete(':id')
  @HttpCode(202)
  @RequireScope('admin')
  async erase(@Workspace() workspace: string, @Param('id') profileId: string): Promise<{ readonly id: string }> {
    if (profileId === nobody || profileId.length > MAX_ID_LENGTH) throw new Problem(404, 'No such profile', 'There is no profile of this id.');
    const erasureId = randomUUID();
    const { step, event } = erasureOf({ workspace, profileId, erasureId, now: new Date() });
    await this.publisher.publish([outgoing(erasures, step), outgoing(events, event)]);
    return { id: erasureId };
  }
}
