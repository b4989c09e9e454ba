import { Injectable } from '@nestjs/common';
import { Poller, type PollWork } from './poller.js';

/**
 * The clocks of a process. An app registers its work while it is wired; it runs once consumers do, and is awaited
 * when the process leaves.
 */
@Injectable()
export class Pollers {
  private readonly pollers: Poller[] = [];
  private started = false;

  /** Has `work` done every `intervalMs`, again at once for as long as it returns true, and after so many ms when it returns a number. Never two at a time. */
  register(name: string, intervalMs: number, work: PollWork): void {
    const poller = new Poller(name, intervalMs, work);
    this.pollers.push(poller);
    if (this.started) poller.start();
  }

  /** Starts what is registered, and what will be. */
  start(): void {
    this.started = true;
    for (const poller of this.pollers) poller.start();
  }

  /** Tells work in hand to come to an end, and resolves when it did. */
  async stop(): Promise<void> {
    this.started = false;
    await Promise.all(this.pollers.map((poller) => poller.stop()));
  }

  /** Which poller makes no progress, in a sentence; null when all do. */
  stuck(): string | null {
    return this.pollers.map((poller) => poller.stuck()).find((sentence) => sentence !== null) ?? null;
  }
}
