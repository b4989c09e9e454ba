import { Controller } from '@nestjs/common';
import { Consumes, type Batch } from '@tidings/bus';
import { erasures, recalls, sends, type ErasureStep, type SendRecalled, type SendRequested } from '@tidings/contracts';
import { EmailDispatcher } from './email.dispatcher.js';

const owner = { group: 'dispatcher-email', schema: 'dispatcher_email' } as const;

/**
 * Decided e-mails in, one consumer per lane: none waits for another. The batches of the urgent lanes are small, so
 * that little is in doubt when the process is killed.
 */
@Controller()
export class SendsHandler {
  constructor(private readonly email: EmailDispatcher) {}

  @Consumes(sends('email', 'transactional'), { ...owner, maxBatch: 100 })
  async transactional(batch: Batch<SendRequested>): Promise<void> {
    await this.email.dispatcher.handle(batch);
  }

  @Consumes(sends('email', 'triggered'), { ...owner, maxBatch: 250 })
  async triggered(batch: Batch<SendRequested>): Promise<void> {
    await this.email.dispatcher.handle(batch);
  }

  @Consumes(sends('email', 'bulk'), { ...owner, maxBatch: 500 })
  async bulk(batch: Batch<SendRequested>): Promise<void> {
    await this.email.dispatcher.handle(batch);
  }

  /** Recalls have a topic of their own: a backlog of sends does not hold them up. */
  @Consumes(recalls, owner)
  async recalled(batch: Batch<SendRecalled>): Promise<void> {
    await this.email.recalls.keep(batch);
  }

  /** Persons who are erased: nothing more goes to them, and nothing of theirs stays. */
  @Consumes(erasures, owner)
  async erased(batch: Batch<ErasureStep>): Promise<void> {
    await this.email.erasing.handle(batch);
  }
}
