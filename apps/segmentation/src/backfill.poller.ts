import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Backlog, InfrastructureError, type Due } from '@tidings/bus';
import type { Segments } from '@tidings/segment';
import { logger, Pollers } from '@tidings/service';
import { BackfillStore, type Stepped } from './backfill.store.js';
import { Follower } from './follower.js';
import { SegmentCatalog } from './segment-catalog.js';
import { countBackfilled, measureUntold } from './segmentation-metrics.js';

const INTERVAL_MS = 1_000;
/** Enough that a look into every day's history is worth its price; and what is read at once is followed soon. */
const PROFILES_PER_STEP = 1_000;
/** So a step and its rest take at least, which bounds the rate to 10,000 profiles a second. */
const STEP_MS = 100;
const PAUSE_MS = 30_000;

const log = logger('backfill');

/**
 * Holds existing profiles against the newest segments when these are published, changed or archived, a stretch of ids at a time, at a
 * bounded rate, and in the gaps that the stream of events leaves (`StretchStore`). A replica goes on where another left off.
 */
@Injectable()
export class BackfillPoller implements OnModuleInit {
  /** The revisions for which this process knows that everybody was told. */
  private readonly done = new Map<string, string>();
  /** The revisions for which it knows what was counted before. */
  private readonly noted = new Map<string, string>();

  constructor(
    private readonly pollers: Pollers,
    private readonly catalog: SegmentCatalog,
    private readonly follower: Follower,
    private readonly store: BackfillStore,
    private readonly backlog: Backlog,
  ) {}

  onModuleInit(): void {
    this.pollers.register('backfill', INTERVAL_MS, async (signal) => {
      const startedAt = performance.now();
      const more = await this.round(new Date());
      const leftMs = startedAt + STEP_MS - performance.now();
      if (more && leftMs > 0) await sleep(leftMs, undefined, { signal }).catch(() => undefined);
      return more;
    });
  }

  /** One step for each workspace whose profiles may not have been told yet; true when there is more to do at once. */
  async round(now: Date, profiles = PROFILES_PER_STEP): Promise<boolean> {
    const behind = this.backlog.behind(now);
    if (behind === null) return false;
    let more = false;
    let untoldSince = Infinity;
    for (const workspace of this.catalog.workspaces()) {
      const segments = this.catalog.of(workspace);
      const { revision, publishedAt } = segments;
      if (this.done.get(workspace) === revision) continue;
      await this.note(workspace, segments);
      const stepped = await this.step(workspace, segments, { now, behind }, profiles);
      countBackfilled(stepped);
      if (stepped.became === 'done') this.done.set(workspace, revision);
      else untoldSince = Math.min(untoldSince, publishedAt);
      more ||= stepped.became === 'more';
    }
    measureUntold(untoldSince);
    return more;
  }

  /** What was counted for everybody before is not looked for in anybody's history. */
  private async note(workspace: string, segments: Segments): Promise<void> {
    if (this.noted.get(workspace) === segments.revision) return;
    this.catalog.learn(workspace, await this.store.note(workspace, segments));
    this.noted.set(workspace, segments.revision);
  }

  /** Where one profile fails all of the stretch are left to the clock, which tries them one by one. */
  private async step(workspace: string, segments: Segments, due: Due, profiles: number): Promise<Stepped> {
    const pace = { profiles, pauseMs: PAUSE_MS };
    try {
      return await this.store.step(workspace, segments, due, pace, () => this.follower.toNow(due.now, [], () => segments).plan);
    } catch (error) {
      if (error instanceof InfrastructureError) throw error;
      log.error({ err: error, workspace }, 'a stretch of profiles could not be taken on at once');
      return this.store.step(workspace, segments, due, pace, null);
    }
  }
}
