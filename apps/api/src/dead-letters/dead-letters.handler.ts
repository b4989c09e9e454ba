import { Controller, Inject } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { deadLetters } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { API_SETTINGS, type ApiSettings } from '../api-settings.js';
import { toDeadLetter } from './dead-letter.js';
import { DeadLettersStore } from './dead-letters.store.js';

/** Dead letters in; rows that a person can look at, put back or set aside, out. */
@Controller()
export class DeadLettersHandler {
  constructor(
    private readonly store: DeadLettersStore,
    private readonly catalog: Catalog,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  @Consumes(deadLetters, { group: 'api', schema: 'api', raw: true })
  async handle(batch: Batch<Buffer | null>): Promise<void> {
    const { defaultWorkspace } = this.settings;
    const workspaces = new Set([...this.catalog.workspaces(), defaultWorkspace]);
    const letters = batch.messages.map((envelope) => toDeadLetter(envelope, workspaces, defaultWorkspace));
    await this.store.put(letters, batch.positions);
  }
}
