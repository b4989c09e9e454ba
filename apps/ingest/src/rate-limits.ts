import { Injectable } from '@nestjs/common';
import type { Caller } from '@tidings/service';
import { IngestSettings } from './ingest.settings.js';
import { RateLimiter } from './rate-limiter.js';

/** How many events each key and each workspace may send to this replica. */
@Injectable()
export class RateLimits {
  private readonly keys: RateLimiter;
  private readonly workspaces: RateLimiter;

  constructor({ config }: IngestSettings) {
    this.keys = new RateLimiter(config.RATE_LIMIT_PER_KEY);
    this.workspaces = new RateLimiter(config.RATE_LIMIT_PER_WORKSPACE);
  }

  /** Whole seconds until this caller may call again; 0 when it may now. */
  secondsToWait({ keyId, workspace }: Caller): number {
    const now = performance.now();
    return Math.max(this.keys.secondsToWait(keyId, now), this.workspaces.secondsToWait(workspace, now));
  }

  /** Charges a caller for the events of a call. */
  charge({ keyId, workspace }: Caller, events: number): void {
    const now = performance.now();
    this.keys.charge(keyId, events, now);
    this.workspaces.charge(workspace, events, now);
  }
}
