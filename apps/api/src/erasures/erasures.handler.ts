import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { erasures, type ErasureStep } from '@tidings/contracts';
import { ErasuresStore } from './erasures.store.js';

/** Steps of erasures in; what has come of each, for whoever asked, and the last receipt, out. */
@Controller()
export class ErasuresHandler {
  constructor(private readonly store: ErasuresStore) {}

  @Consumes(erasures, { group: 'api', schema: 'api' })
  async handle({ messages, positions }: Batch<ErasureStep>): Promise<void> {
    await this.store.take(
      messages.map(({ value }) => value),
      positions,
      new Date(),
    );
  }
}
