import { Injectable } from '@nestjs/common';
import { Audit, auditedAt, type Findings } from './audit.js';
import { AuditStore, type Stretch } from './audit.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { HISTORY_DAYS } from './segmentation.schema.js';

/** What was found about some profiles, and where to go on. */
export interface AuditedStretch extends Findings {
  /** From here on history has everything. */
  readonly historySince: string;
  /** The last id that was looked at; null when there is nobody behind it. */
  readonly last: string | null;
}

const DAY_MS = 86_400_000;

/** Works memberships out anew and compares them with what is kept, some profiles at a time. */
@Injectable()
export class Auditor {
  constructor(
    private readonly catalog: SegmentCatalog,
    private readonly store: AuditStore,
  ) {}

  workspaces(): readonly string[] {
    return this.catalog.workspaces();
  }

  /** Audits the next profiles behind an id. */
  async audit(workspace: string, stretch: Stretch, now: Date): Promise<AuditedStretch> {
    const segments = this.catalog.of(workspace);
    const rules = [...segments.byCounter.values()];
    // The oldest day may be on its way out.
    const since = (Math.floor(now.getTime() / DAY_MS) - HISTORY_DAYS + 1) * DAY_MS;
    const audit = new Audit({ segments, now: now.getTime(), since });
    const { profiles, orphans, last } = await this.store.page(workspace, stretch, ({ membership }) => ({
      rules,
      at: auditedAt(membership, now.getTime()),
    }));
    for (const each of profiles) audit.take(each);
    for (const { segment, profile_id: profileId } of orphans) audit.orphan(segment, profileId);
    return { ...audit.findings(), historySince: new Date(since).toISOString(), last };
  }

  /** Audits profiles that follow on one that chance picks. */
  async sample(workspace: string, limit: number, now: Date): Promise<Findings> {
    const somebody = await this.store.somebody(workspace);
    const found = await this.audit(workspace, { after: somebody, limit }, now);
    // Chance may have picked the last one.
    return found.audited > 0 || somebody === '' ? found : this.audit(workspace, { after: '', limit }, now);
  }

  /** How many profiles there are to audit. */
  count(workspace: string): Promise<number> {
    return this.store.count(workspace);
  }
}
