import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Backlog, type Due } from '@tidings/bus';
import { Pollers, Waker, type Sleepers, type Woken } from '@tidings/service';
import { Follower } from './follower.js';
import type { ProfileRef } from './known-profile.js';
import { ProfileStore, type Plan } from './profile.store.js';
import { measureDone } from './segmentation-metrics.js';

/** An answer may be a second late; whoever falls due within this comes together (ADR 0032). */
const PACE_MS = 150;

/** Takes on the profiles whose time has come, as events would. */
@Injectable()
export class ClockPoller implements OnModuleInit, Sleepers<ProfileRef> {
  private readonly waker: Waker<ProfileRef>;

  constructor(
    private readonly pollers: Pollers,
    private readonly follower: Follower,
    private readonly store: ProfileStore,
    backlog: Backlog,
  ) {
    this.waker = new Waker('segmentation', this, backlog, PACE_MS);
  }

  onModuleInit(): void {
    this.waker.runBy(this.pollers);
  }

  /** Follows what is due by `now`; true when there may be more. */
  round(now: Date, limit?: number): Promise<boolean> {
    return this.waker.round(now, limit);
  }

  wakeDue(due: Due, limit: number, woken: Woken<ProfileRef>[]): Promise<void> {
    return this.followed(due, woken, (plan) => this.store.changeDue(this.follower.workspaces(), due, limit, plan));
  }

  wakeOne(ref: ProfileRef, due: Due, woken: Woken<ProfileRef>[]): Promise<void> {
    return this.followed(due, woken, (plan) => this.store.changeOneDue(ref, due, plan));
  }

  postpone(ref: ProfileRef, until: Date): Promise<void> {
    return this.store.postpone(ref, until);
  }

  nextAfter(now: Date): Promise<number | null> {
    return this.store.nextDue(this.follower.workspaces(), now);
  }

  private async followed({ now }: Due, woken: Woken<ProfileRef>[], change: (plan: Plan) => Promise<void>): Promise<void> {
    const { plan, activities } = this.follower.toNow(now, woken);
    await change(plan);
    measureDone(activities.causes, Date.now());
  }
}
