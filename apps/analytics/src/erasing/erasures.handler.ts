import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { erasures, type ErasureStep } from '@tidings/contracts';
import { ErasingStore } from './erasing.store.js';

/** Erasures that the orchestrator has gone through in; messages that are nobody's any more, and receipts, out. */
@Controller()
export class ErasuresHandler {
  constructor(private readonly store: ErasingStore) {}

  @Consumes(erasures, { group: 'analytics', schema: 'analytics' })
  async handle({ messages, positions }: Batch<ErasureStep>): Promise<void> {
    const steps = messages.map(({ value }) => value);
    const workspaces = [...new Set(steps.map(({ workspace }) => workspace))];
    // Behind the orchestrator: whatever it decided until it let go is known to be the person's.
    const decided = steps.filter(({ store }) => store === 'orchestrator');
    await this.store.erase(decided, workspaces, positions);
  }
}
