/** When dead letters are no longer data but a bad release. */
export const brakeLimits = { window: 1_000, share: 0.05, atLeast: 20 } as const;

/** Too many of the last messages were set aside: the consumer stops before it sets aside another. */
export class TooManyDeadLetters extends Error {
  override readonly name = 'TooManyDeadLetters';
}

/** Counts what became of the last messages of one consumer. */
export class Brake {
  private readonly bad = new Uint8Array(brakeLimits.window);
  private next = 0;
  private seen = 0;
  private badCount = 0;

  constructor(private readonly consumer: string) {}

  /** Messages that were handled. */
  handled(count: number): void {
    for (let i = Math.min(count, brakeLimits.window); i > 0; i--) this.note(0);
  }

  /** A message is about to be set aside; throws `TooManyDeadLetters` when it must not be. */
  settingAside(): void {
    this.note(1);
    if (this.badCount < brakeLimits.atLeast || this.badCount <= this.seen * brakeLimits.share) return;
    throw new TooManyDeadLetters(
      `${this.consumer}: ${this.badCount} of the last ${this.seen} messages could not be handled; stopped, nothing further was set aside`,
    );
  }

  private note(bad: 0 | 1): void {
    this.badCount += bad - (this.bad[this.next] ?? 0);
    this.bad[this.next] = bad;
    this.next = (this.next + 1) % brakeLimits.window;
    this.seen = Math.min(this.seen + 1, brakeLimits.window);
  }
}
