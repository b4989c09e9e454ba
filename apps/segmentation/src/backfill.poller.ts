import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Pollers } from '@tidings/service';
import { BackfillStore } from './backfill.store.js';
import { SegmentCatalog } from './segment-catalog.js';

const INTERVAL_MS = 1_000;
/** Per workspace: what the clock can take on beside the events of a busy hour. */
const PROFILES_PER_ROUND = 5_000;
const PAUSE_MS = 30_000;

/**
 * Has existing profiles looked at anew when segments are published, changed or archived, so many a second: it only makes
 * them due, and the clock does the rest. A replica goes on where another left off.
 */
@Injectable()
export class BackfillPoller implements OnModuleInit {
  /** The revisions for which this process knows that everybody was told. */
  private readonly done = new Map<string, string>();

  constructor(
    private readonly pollers: Pollers,
    private readonly catalog: SegmentCatalog,
    private readonly store: BackfillStore,
  ) {}

  onModuleInit(): void {
    this.pollers.register('backfill', INTERVAL_MS, () => this.round(new Date()));
  }

  /** One step for each workspace whose profiles may not have been told yet. */
  async round(now: Date, profiles = PROFILES_PER_ROUND): Promise<void> {
    const pace = { profiles, everyMs: INTERVAL_MS, pauseMs: PAUSE_MS };
    for (const workspace of this.catalog.workspaces()) {
      const { revision, publishedAt } = this.catalog.of(workspace);
      if (this.done.get(workspace) === revision) continue;
      const isDone = await this.store.step(workspace, { revision, publishedAt }, now, pace);
      if (isDone) this.done.set(workspace, revision);
    }
  }
}
