import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Catalog, gauge, Pollers } from '@tidings/service';
import { DeadLettersStore } from '../dead-letters/dead-letters.store.js';
import { OVERDUE_AFTER_MS } from './shown-erasure.js';
import { ErasuresStore } from './erasures.store.js';

const MINUTE_MS = 60_000;

/** Watches over erasures: how many are under way, and how many should have been done by now. And over dead letters that are old. */
@Injectable()
export class ErasuresPoller implements OnModuleInit {
  private counts = { running: 0, overdue: 0 };

  constructor(
    private readonly pollers: Pollers,
    private readonly catalog: Catalog,
    private readonly store: ErasuresStore,
    private readonly letters: DeadLettersStore,
  ) {}

  onModuleInit(): void {
    gauge('tidings_erasures_running', 'Erasures that not every store has given its receipt for.', () => this.counts.running);
    gauge('tidings_erasures_overdue', 'Erasures that should have been done within the hour.', () => this.counts.overdue);
    this.pollers.register('api.erasures', MINUTE_MS, () => this.look(new Date()));
    this.pollers.register('api.old-dead-letters', 60 * MINUTE_MS, () => this.letters.forgetOld(this.catalog.workspaces()));
  }

  /** Counts what is under way. */
  async look(now: Date): Promise<void> {
    this.counts = await this.store.running(this.catalog.workspaces(), new Date(now.getTime() - OVERDUE_AFTER_MS));
  }
}
