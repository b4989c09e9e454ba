import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { sandboxMessages, type SandboxMessage } from '@tidings/contracts';
import { SandboxStore } from './sandbox.store.js';

/** What the sandbox providers accepted in; rows for the sandbox page out. */
@Controller()
export class SandboxHandler {
  constructor(private readonly store: SandboxStore) {}

  @Consumes(sandboxMessages, { group: 'api', schema: 'api' })
  async handle(batch: Batch<SandboxMessage>): Promise<void> {
    await this.store.put(
      batch.messages.map(({ value }) => value),
      batch.positions,
    );
  }
}
