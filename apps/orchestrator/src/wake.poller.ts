import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Backlog, InfrastructureError, type Due, type Outgoing } from '@tidings/bus';
import { followDue, nextWake } from '@tidings/journey';
import { DefinitionUnknown, logger, Pollers } from '@tidings/service';
import { measureDone, measureOverdue, measurePostponed } from './orchestrator-metrics.js';
import { Outputs } from './outputs.js';
import type { ProfileRef, ProgressMap } from './progress-map.js';
import { ProgressStore } from './progress.store.js';
import { WorkspaceRules } from './workspace-rules.js';

const INTERVAL_MS = 200;
const BATCH = 500;
/** A version that this process has not heard of comes within a second; a failure waits for somebody to mend it. */
const AGAIN_AFTER_MS = { 'definition-unknown': 2_000, failed: 300_000 } as const;

const log = logger('wakes');

/**
 * Takes on the profiles whose time has come, as events would. One that fails is put off; the others go on. Nobody is woken
 * before what was said until that moment has been heard (ADR 0017).
 */
@Injectable()
export class WakePoller implements OnModuleInit {
  constructor(
    private readonly pollers: Pollers,
    private readonly rules: WorkspaceRules,
    private readonly store: ProgressStore,
    private readonly backlog: Backlog,
  ) {}

  onModuleInit(): void {
    this.pollers.register('wakes', INTERVAL_MS, () => this.round(new Date()));
  }

  /** Wakes what is due by `now`; true when there may be more. */
  async round(now: Date, limit = BATCH): Promise<boolean> {
    const behind = this.backlog.behind(now);
    if (behind === null) return false;
    const due = { now, behind };
    const claimed: ProfileRef[] = [];
    try {
      await this.settled(now, claimed, (decide) => this.store.changeDue(this.rules.workspaces(), due, limit, decide));
    } catch (error) {
      if (isTroubleAround(error) || claimed.length === 0) throw error;
      for (const ref of claimed) await this.alone(ref, due);
    }
    return claimed.length === limit;
  }

  private async alone(ref: ProfileRef, due: Due): Promise<void> {
    const { now } = due;
    try {
      await this.settled(now, [], (decide) => this.store.changeOneDue(ref, due, decide));
    } catch (error) {
      if (isTroubleAround(error)) throw error;
      const reason = error instanceof DefinitionUnknown ? 'definition-unknown' : 'failed';
      log.error({ err: error, workspace: ref.workspace, reason }, 'a wake failed and is put off');
      measurePostponed(reason);
      await this.store.postpone(ref, new Date(now.getTime() + AGAIN_AFTER_MS[reason]));
    }
  }

  private async settled(now: Date, claimed: ProfileRef[], change: (decide: Decide) => Promise<void>): Promise<void> {
    const outputs = new Outputs();
    const dueAt: string[] = [];
    await change((progress, refs) => {
      claimed.push(...refs);
      dueAt.push(...refs.flatMap((ref) => nextWake(progress.of(ref)) ?? []));
      for (const ref of refs) this.wake(progress, ref, now, outputs);
      return outputs.messages();
    });
    const [oldest = now] = dueAt.toSorted();
    measureOverdue((now.getTime() - new Date(oldest).getTime()) / 1000);
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

/** Trouble that would meet every profile alike; a version that one run needs would not. */
const isTroubleAround = (error: unknown): boolean =>
  error instanceof InfrastructureError && !(error instanceof DefinitionUnknown);
