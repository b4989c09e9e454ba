import { logger } from '@tidings/service';
import type { Attempt, Send } from './attempt.js';

const log = logger('dispatch');

/** Attempts that their batch no longer waits for: their calls are not answered yet. */
export class Underway {
  private readonly bySend = new Map<string, Promise<void>>();

  /** Watches over attempts until `recorded` settles. What could not be recorded is only logged: its lease brings it back. */
  watch(attempts: readonly Attempt[], recorded: Promise<void>): void {
    const known = recorded.catch((error: unknown) => log.warn({ err: error, sends: attempts.length }, 'late answers could not be recorded yet'));
    const ended = known.then(() => attempts.forEach(({ send }) => this.bySend.delete(send.key)));
    for (const { send } of attempts) this.bySend.set(send.key, ended);
  }

  /** Resolves when none of these sends is under way: a batch that is tried again must not call for them a second time. */
  async ended(sends: readonly Send[]): Promise<void> {
    if (this.bySend.size > 0) await Promise.all(sends.flatMap(({ key }) => this.bySend.get(key) ?? []));
  }

  /** Waits for all that are under way now; true when others have come to be meanwhile. */
  async allEnded(): Promise<boolean> {
    await Promise.all(this.bySend.values());
    return this.bySend.size > 0;
  }
}
