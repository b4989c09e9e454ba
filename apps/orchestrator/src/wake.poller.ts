import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Backlog, type Due, type Outgoing } from '@tidings/bus';
import { followDue, nextWake } from '@tidings/journey';
import { Pollers, Waker, type Sleepers, type Woken } from '@tidings/service';
import { measureDone } from './orchestrator-metrics.js';
import { Outputs } from './outputs.js';
import type { ProfileRef, ProgressMap } from './progress-map.js';
import { ProgressStore } from './progress.store.js';
import { WorkspaceRules } from './workspace-rules.js';

/** Takes on the profiles whose time has come, as events would. */
@Injectable()
export class WakePoller implements OnModuleInit, Sleepers<ProfileRef> {
  private readonly waker: Waker<ProfileRef>;

  constructor(
    private readonly pollers: Pollers,
    private readonly rules: WorkspaceRules,
    private readonly store: ProgressStore,
    backlog: Backlog,
  ) {
    this.waker = new Waker('orchestrator', this, backlog);
  }

  onModuleInit(): void {
    this.waker.runBy(this.pollers);
  }

  /** Wakes what is due by `now`; true when there may be more. */
  round(now: Date, limit?: number): Promise<boolean> {
    return this.waker.round(now, limit);
  }

  wakeDue(due: Due, limit: number, woken: Woken<ProfileRef>[]): Promise<void> {
    return this.settled(due, woken, (decide) => this.store.changeDue(this.rules.workspaces(), due, limit, decide));
  }

  wakeOne(ref: ProfileRef, due: Due, woken: Woken<ProfileRef>[]): Promise<void> {
    return this.settled(due, woken, (decide) => this.store.changeOneDue(ref, due, decide));
  }

  postpone(ref: ProfileRef, until: Date): Promise<void> {
    return this.store.postpone(ref, until);
  }

  nextAfter(now: Date): Promise<number | null> {
    return this.store.nextDue(this.rules.workspaces(), now);
  }

  private async settled({ now }: Due, woken: Woken<ProfileRef>[], change: (decide: Decide) => Promise<void>): Promise<void> {
    const outputs = new Outputs();
    const dueAt: string[] = [];
    await change((progress, refs) => {
      const moments = refs.map((ref) => nextWake(progress.of(ref)));
      woken.push(...refs.map((ref, index) => ({ ref, dueAt: inMs(moments[index] ?? null) })));
      dueAt.push(...moments.flatMap((moment) => moment ?? []));
      for (const ref of refs) this.wake(progress, ref, now, outputs);
      return outputs.messages();
    });
    measureDone(dueAt, outputs.suppressed, Date.now());
  }

  private wake(progress: ProgressMap, ref: ProfileRef, now: Date, outputs: Outputs): void {
    const rules = this.rules.of(ref.workspace);
    const before = progress.of(ref);
    const next = followDue(rules.journeys, before, now.toISOString());
    // Also when nothing was due by the runs' own account: the row was claimed, so its moment has to move on.
    progress.set(ref, { ...next.progress });
    if (before.profile !== null)
      outputs.add(next.effects, { ...ref, formerly: before.formerly?.ids ?? [], profile: before.profile, rules, traceparent: null });
  }
}

type Decide = (progress: ProgressMap, refs: readonly ProfileRef[]) => readonly Outgoing[];

const inMs = (moment: string | null): number | null => (moment === null ? null : Date.parse(moment));
