import { lanes, type Lane } from '@tidings/contracts';

interface Waiter {
  readonly lane: Lane;
  readonly signal: AbortSignal;
  readonly tell: (admitted: boolean) => void;
}

/**
 * Who waits for a place, in order within each lane. A place that becomes free wakes one of them, and a signal is
 * listened to once, however many wait under it: a call costs the same whether two wait or two hundred.
 */
export class PlaceQueue {
  private readonly byLane = new Map<Lane, Waiter[]>(lanes.map((lane) => [lane, []]));
  /** How many wait under each signal, and how to stop listening to it. */
  private readonly signals = new Map<AbortSignal, { count: number; readonly ignore: () => void }>();

  /** Waits to be admitted; false when dismissed, or when the signal says to leave. */
  wait(lane: Lane, signal: AbortSignal): Promise<boolean> {
    return new Promise((tell) => {
      this.listen(signal);
      this.byLane.get(lane)?.push({ lane, signal, tell });
    });
  }

  /** Admits the first of each lane, the most urgent lane first, for as long as `enter` finds a place. */
  admit(enter: (lane: Lane) => boolean): void {
    for (const waiters of this.byLane.values()) {
      let admitted = 0;
      for (const waiter of waiters) {
        if (!enter(waiter.lane)) break;
        admitted += 1;
      }
      for (const waiter of waiters.splice(0, admitted)) this.end(waiter, true);
    }
  }

  /** Sends everybody away, or those under one signal. */
  dismiss(signal?: AbortSignal): void {
    for (const [lane, waiters] of this.byLane) {
      const isGone = (waiter: Waiter): boolean => signal === undefined || waiter.signal === signal;
      this.byLane.set(
        lane,
        waiters.filter((waiter) => !isGone(waiter)),
      );
      for (const waiter of waiters.filter(isGone)) this.end(waiter, false);
    }
  }

  private end({ signal, tell }: Waiter, admitted: boolean): void {
    const known = this.signals.get(signal);
    if (known !== undefined && --known.count === 0) {
      this.signals.delete(signal);
      known.ignore();
    }
    tell(admitted);
  }

  private listen(signal: AbortSignal): void {
    const known = this.signals.get(signal);
    if (known !== undefined) known.count += 1;
    else {
      const leave = (): void => {
        this.dismiss(signal);
      };
      signal.addEventListener('abort', leave);
      this.signals.set(signal, { count: 1, ignore: () => signal.removeEventListener('abort', leave) });
    }
  }
}
