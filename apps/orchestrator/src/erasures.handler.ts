import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { erasures, type ErasureStep } from '@tidings/contracts';
import { ErasingStore } from './erasing.store.js';

/** Erasures that segmentation has begun in; runs ended without a further word, and the orchestrator's receipts, out. */
@Controller()
export class ErasuresHandler {
  constructor(private readonly store: ErasingStore) {}

  @Consumes(erasures, { group: 'orchestrator', schema: 'orchestrator' })
  async handle({ messages, positions }: Batch<ErasureStep>): Promise<void> {
    const steps = messages.map(({ value }) => value);
    const workspaces = [...new Set(steps.map(({ workspace }) => workspace))];
    const begun = steps.filter(({ store }) => store === 'segmentation');
    await this.store.erase(begun, workspaces, positions);
  }
}
