import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Backlog, InfrastructureError, type Due } from '@tidings/bus';
import { logger, Pollers } from '@tidings/service';
import { Follower } from './follower.js';
import type { ProfileRef } from './known-profile.js';
import { ProfileStore, type Plan } from './profile.store.js';
import { measureDone, measureOverdue, measurePostponed } from './segmentation-metrics.js';

const INTERVAL_MS = 200;
const BATCH = 500;
/** A failure waits for somebody to mend it. */
const AGAIN_AFTER_MS = 300_000;

const log = logger('clock');

/**
 * Takes on the profiles whose time has come, as events would. One that fails is put off; the others go on. Time passes for
 * nobody before what was said until that moment has been heard (ADR 0017).
 */
@Injectable()
export class ClockPoller implements OnModuleInit {
  constructor(
    private readonly pollers: Pollers,
    private readonly follower: Follower,
    private readonly store: ProfileStore,
    private readonly backlog: Backlog,
  ) {}

  onModuleInit(): void {
    this.pollers.register('clock', INTERVAL_MS, () => this.round(new Date()));
  }

  /** Follows what is due by `now`; true when there may be more. */
  async round(now: Date, limit = BATCH): Promise<boolean> {
    const behind = this.backlog.behind(now);
    if (behind === null) return false;
    const due = { now, behind };
    const claimed: ProfileRef[] = [];
    try {
      await this.followed(now, claimed, (plan) => this.store.changeDue(this.follower.workspaces(), due, limit, plan));
    } catch (error) {
      if (error instanceof InfrastructureError || claimed.length === 0) throw error;
      for (const ref of claimed) await this.alone(ref, due);
    }
    return claimed.length === limit;
  }

  private async alone(ref: ProfileRef, due: Due): Promise<void> {
    const { now } = due;
    try {
      await this.followed(now, [], (plan) => this.store.changeOneDue(ref, due, plan));
    } catch (error) {
      if (error instanceof InfrastructureError) throw error;
      log.error({ err: error, workspace: ref.workspace }, 'a wake failed and is put off');
      measurePostponed();
      await this.store.postpone(ref, new Date(now.getTime() + AGAIN_AFTER_MS));
    }
  }

  private async followed(now: Date, claimed: ProfileRef[], change: (plan: Plan) => Promise<void>): Promise<void> {
    const { plan, activities } = this.follower.toNow(now, claimed);
    let oldest = now.getTime();
    await change({
      ...plan,
      decide: (profiles, past) => {
        for (const { known } of profiles.loaded()) oldest = Math.min(oldest, known.membership.dueAt ?? oldest);
        return plan.decide(profiles, past);
      },
    });
    measureOverdue((now.getTime() - oldest) / 1000);
    measureDone(activities.causes, Date.now());
  }
}
