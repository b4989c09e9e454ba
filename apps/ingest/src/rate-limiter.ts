interface Bucket {
  tokens: number;
  at: number;
}

const burstSeconds = 2;

/**
 * A bucket of tokens per id, filled at `perSecond`. A call is let through while its bucket is not empty and pays
 * afterwards for all its events, into debt if need be: so a call larger than the bucket is late, never impossible.
 */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly perSecond: number) {}

  /** Whole seconds until this id may call again; 0 when it may now. */
  secondsToWait(id: string, nowMs: number): number {
    const { tokens } = this.bucket(id, nowMs);
    return tokens > 0 ? 0 : Math.max(1, Math.ceil((1 - tokens) / this.perSecond));
  }

  /** Takes so many tokens out of the id's bucket. */
  charge(id: string, count: number, nowMs: number): void {
    this.bucket(id, nowMs).tokens -= count;
  }

  private bucket(id: string, nowMs: number): Bucket {
    const full = this.perSecond * burstSeconds;
    let bucket = this.buckets.get(id);
    if (bucket === undefined) this.buckets.set(id, (bucket = { tokens: full, at: nowMs }));
    const since = Math.max(0, nowMs - bucket.at);
    bucket.tokens = Math.min(full, bucket.tokens + (since / 1000) * this.perSecond);
    bucket.at = nowMs;
    return bucket;
  }
}
