/** How a simulated provider behaves from now on. */
export interface Behaviour {
  /** A misbehaviour by name for every call, or null for none; the address of a message can name one too. */
  readonly answer: string | null;
  /** How many calls the answer is for; all when null. */
  readonly times: number | null;
  /** Sent as `Retry-After` with answers that have one. */
  readonly retryAfterSeconds: number | null;
  readonly latencyMs: number;
  /** Accepted messages within any 60 seconds, beyond which calls are refused as over the quota. */
  readonly quotaPerMinute: number | null;
}

const well: Behaviour = { answer: null, times: null, retryAfterSeconds: null, latencyMs: 0, quotaPerMinute: null };

/** What a simulator is told to do, and what it therefore does with the next call. */
export class Conduct {
  private behaviour: Behaviour;
  private left: number | null = null;
  private accepted: number[] = [];

  constructor(initial: Partial<Behaviour> = {}) {
    this.behaviour = well;
    this.behave(initial);
  }

  get latencyMs(): number {
    return this.behaviour.latencyMs;
  }

  get retryAfterSeconds(): number | null {
    return this.behaviour.retryAfterSeconds;
  }

  /** Changes what is named; `times` counts from now. */
  behave(change: Partial<Behaviour>): void {
    this.behaviour = { ...this.behaviour, ...change };
    if ('times' in change || 'answer' in change) this.left = this.behaviour.times;
  }

  /** How to answer the next call; `named` is the misbehaviour that the address asks for. Null is: well. */
  next(named: string | null, over: string): string | null {
    const answer = named ?? this.ordered();
    if (answer !== null) return answer;
    return this.withinQuota() ? null : over;
  }

  private ordered(): string | null {
    if (this.behaviour.answer === null || this.left === 0) return null;
    if (this.left !== null) this.left -= 1;
    return this.behaviour.answer;
  }

  /** A rolling minute, as the real quotas are: one that begins with the clock's minute would hide bursts at its edge. */
  private withinQuota(): boolean {
    const { quotaPerMinute } = this.behaviour;
    if (quotaPerMinute === null) return true;
    const now = performance.now();
    this.accepted = this.accepted.filter((at) => at > now - 60_000);
    if (this.accepted.length >= quotaPerMinute) return false;
    this.accepted.push(now);
    return true;
  }
}

/** Options of every simulator. */
export interface SimulatorOptions extends Partial<Behaviour> {
  /** Where accepted messages are journalled; in memory only when left out. */
  readonly journal?: string | null;
  /** 0 or left out: a free one. */
  readonly port?: number;
}

/** What an address such as `unregistered:7f3a` or `unknown-user.7@example.com` asks for. */
export function namedIn(address: string, names: Iterable<string>): string | null {
  for (const name of names) if (address.startsWith(`${name}:`) || address.startsWith(`${name}.`) || address.startsWith(`${name}@`) || address === name) return name;
  return null;
}
