import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Headers, HttpCode, Param, Patch } from '@nestjs/common';
import { outgoing, Publisher } from '@tidings/bus';
import { erasureOf, erasures, events, nobody } from '@tidings/contracts';
import { Problem, RequireScope, Workspace } from '@tidings/service';
import { eventOfEdit, isRefused } from './profile-edit.js';
import { ProfileReading } from './profile-reading.store.js';

const MAX_ID_LENGTH = 255;

/** What is asked to become of a profile: it becomes so by an event, as everything does. */
@Controller('api/v1/profiles')
export class ProfileChangesController {
  constructor(
    private readonly reading: ProfileReading,
    private readonly publisher: Publisher,
  ) {}

  /**
   * Changes what the body names, as an `identify` of the profile's own id would; answers 202 once that is durable. The same
   * `Idempotency-Key` again is the same change.
   */
  @Patch(':id')
  @HttpCode(202)
  @RequireScope('write')
  async edit(
    @Workspace() workspace: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key?: string,
  ): Promise<{ readonly profileId: string; readonly messageId: string }> {
    const row = await this.reading.profile({ workspace, profileId: id });
    if (row === undefined) throw new Problem(404, 'No such profile', 'There is no profile of this id.');
    const event = eventOfEdit(body, { workspace, profileId: row.profile_id, messageId: messageIdOf(key), now: new Date() });
    if (isRefused(event)) throw Problem.ofStatus(422, `${event.field === '' ? 'The body' : event.field}: ${event.message}.`, { field: event.field });
    await this.publisher.publish([outgoing(events, event)]);
    return { profileId: event.profileId, messageId: event.messageId };
  }

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

function messageIdOf(key: string | undefined): string {
  if (key === undefined || key === '') return randomUUID();
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new Problem(400, 'Bad Idempotency-Key', 'Idempotency-Key must be at most 255 printable ASCII characters.');
}
