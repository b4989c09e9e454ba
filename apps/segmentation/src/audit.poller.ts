import { Injectable, type OnModuleInit } from '@nestjs/common';
import { logger, Pollers } from '@tidings/service';
import { Auditor } from './auditor.js';
import { measureAudited } from './segmentation-metrics.js';

const INTERVAL_MS = 3_600_000;
/** Of each workspace, and so many at once: their rows are held meanwhile. */
const STRETCHES = 5;
const PROFILES = 50;

const log = logger('audit');

/** Audits a few profiles of each workspace every hour, and tells the metrics what it found. */
@Injectable()
export class AuditPoller implements OnModuleInit {
  constructor(
    private readonly pollers: Pollers,
    private readonly auditor: Auditor,
  ) {}

  onModuleInit(): void {
    this.pollers.register('audit', INTERVAL_MS, (signal) => this.round(new Date(), signal));
  }

  /** Audits a sample of every workspace. */
  async round(now: Date, signal?: AbortSignal): Promise<void> {
    let [audited, differences] = [0, 0];
    for (const workspace of this.auditor.workspaces()) {
      for (let stretch = 0; stretch < STRETCHES && signal?.aborted !== true; stretch += 1) {
        const found = await this.auditor.sample(workspace, PROFILES, now);
        audited += found.audited;
        differences += found.differences;
        const differing = found.segments.filter(({ missing, extra }) => missing + extra > 0).map(({ segment }) => segment);
        if (differing.length > 0) log.error({ workspace, segments: differing }, 'memberships are not what history says');
      }
    }
    measureAudited(audited, differences);
  }
}
