import { InfrastructureError, type Backlog, type Due } from '@tidings/bus';
import { DefinitionUnknown } from './definition-unknown.js';
import { logger } from './log.js';
import { counter, gauge } from './metrics.js';
import type { Pollers } from './pollers.js';

/** Somebody whose time had come, and the moment that it was, in ms since 1970; null when there was none to it. */
export interface Woken<Ref> {
  readonly ref: Ref;
  readonly dueAt: number | null;
}

/** Rows of an app that sleep until a moment of theirs. What cannot be reached rejects with `InfrastructureError`. */
export interface Sleepers<Ref> {
  /** Takes on at most `limit` whose time has come, the longest overdue first, all or none. Adds them to `woken` before it can fail by their fault. */
  wakeDue(due: Due, limit: number, woken: Woken<Ref>[]): Promise<void>;
  /** The same for one. */
  wakeOne(ref: Ref, due: Due, woken: Woken<Ref>[]): Promise<void>;
  /** Has one looked at again at `until`, so that it stands in nobody's way before. */
  postpone(ref: Ref, until: Date): Promise<void>;
  /** The first moment after `now` that somebody sleeps until, in ms since 1970; null when nobody does. */
  nextAfter(now: Date): Promise<number | null>;
}

/** Rows of a round. */
const BATCH = 500;
/** Another replica or an event may have made somebody due sooner than was known: nobody rests longer. */
const INTERVAL_MS = 200;
/** A round follows another no sooner than this, unless its scheduler says otherwise or more was due than it could take on: what falls due meanwhile comes together. */
const PACE_MS = 50;
/** A version that this process has not heard of comes within a second; a failure waits for somebody to mend it. */
const AGAIN_AFTER_MS = { 'definition-unknown': 2_000, failed: 300_000 } as const;

const log = logger('wakes');
const postponed = counter('tidings_wakes_postponed_total', 'Profiles whose wake failed and that are looked at again later.');
const overdue = new Map<string, number>();
gauge('tidings_scheduler_overdue_seconds', 'How late a scheduler was with what it last took on.', () =>
  [...overdue].map(([scheduler, value]) => ({ value, labels: { scheduler } })),
);

/**
 * Wakes those whose time has come, at that moment, as far as messages that were sent before it have been heard (ADR 0017). One that
 * fails is put off; the others go on.
 */
export class Waker<Ref extends { readonly workspace: string }> {
  constructor(
    private readonly scheduler: string,
    private readonly sleepers: Sleepers<Ref>,
    private readonly backlog: Pick<Backlog, 'behind'>,
    private readonly paceMs = PACE_MS,
  ) {}

  /** Goes on for as long as the process serves. */
  runBy(pollers: Pick<Pollers, 'register'>): void {
    pollers.register(`wakes of ${this.scheduler}`, INTERVAL_MS, () => this.turn(new Date()));
  }

  /** Wakes what is due by `now`; true when there may be more. */
  async round(now: Date, limit = BATCH): Promise<boolean> {
    const behind = this.backlog.behind(now);
    return behind !== null && (await this.wake({ now, behind }, limit)) === limit;
  }

  /** A round, and how long to rest after it, in ms. */
  async turn(now: Date, limit = BATCH): Promise<number> {
    const behind = this.backlog.behind(now);
    if (behind === null) return INTERVAL_MS;
    const count = await this.wake({ now, behind }, limit);
    if (count === limit) return 0;
    // Those whose partition is behind are due as well, and looked through in vain each time.
    if (behind.length > 0) return INTERVAL_MS;
    if (count > 0) return this.paceMs;
    const next = await this.sleepers.nextAfter(now);
    return Math.min(INTERVAL_MS, Math.max(this.paceMs, (next ?? Infinity) - Date.now()));
  }

  /** Resolves to how many there were. */
  private async wake(due: Due, limit: number): Promise<number> {
    const woken: Woken<Ref>[] = [];
    try {
      await this.sleepers.wakeDue(due, limit, woken);
      this.measure(woken, due);
    } catch (error) {
      if (isTroubleAround(error) || woken.length === 0) throw error;
      for (const { ref } of woken) await this.alone(ref, due);
    }
    return woken.length;
  }

  private async alone(ref: Ref, due: Due): Promise<void> {
    const woken: Woken<Ref>[] = [];
    try {
      await this.sleepers.wakeOne(ref, due, woken);
      this.measure(woken, due);
    } catch (error) {
      if (isTroubleAround(error)) throw error;
      const reason = error instanceof DefinitionUnknown ? 'definition-unknown' : 'failed';
      log.error({ err: error, workspace: ref.workspace, reason }, 'a wake failed and is put off');
      postponed.add(1, { scheduler: this.scheduler, reason });
      await this.sleepers.postpone(ref, new Date(due.now.getTime() + AGAIN_AFTER_MS[reason]));
    }
  }

  private measure(woken: readonly Woken<Ref>[], { now }: Due): void {
    const moment = now.getTime();
    const oldest = woken.reduce((least, { dueAt }) => Math.min(least, dueAt ?? moment), moment);
    overdue.set(this.scheduler, (moment - oldest) / 1000);
  }
}

/** Trouble that would meet everybody alike; a version that one of them needs would not. */
const isTroubleAround = (error: unknown): boolean => error instanceof InfrastructureError && !(error instanceof DefinitionUnknown);
