import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Pollers } from '@tidings/service';
import { GroupNewsStore, type Walk } from './group-news.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { countToldOfGroups } from './segmentation-metrics.js';

const INTERVAL_MS = 200;
/** Per round and replica: what the clock can take on beside the events of a busy hour. */
const PROFILES_PER_ROUND = 1_000;
const WALKS_PER_ROUND = 20;
const CLAIM_MS = 30_000;
/** Segments reach every process within seconds: whoever has not heard for so long that somebody asks, nobody does. */
const UNASKED_AFTER_MS = 60_000;

/**
 * Has the members of groups looked at whose traits changed, so many a second: it only makes them due, and the clock does the
 * rest. Every walk goes on where it was left, by whichever replica.
 */
@Injectable()
export class GroupNewsPoller implements OnModuleInit {
  constructor(
    private readonly pollers: Pollers,
    private readonly catalog: SegmentCatalog,
    private readonly store: GroupNewsStore,
  ) {}

  onModuleInit(): void {
    this.pollers.register('groups', INTERVAL_MS, () => this.round(new Date()));
  }

  /** One page of each walk that is due. */
  async round(now: Date, profiles = PROFILES_PER_ROUND): Promise<void> {
    const at = now.getTime();
    const claim = { limit: Math.min(profiles, WALKS_PER_ROUND), forMs: CLAIM_MS };
    const walks = await this.store.claim(this.catalog.workspaces(), at, claim);
    const page = Math.floor(profiles / Math.max(1, walks.length));
    for (const walk of walks) await this.step(walk, at, page);
  }

  private async step(walk: Walk, now: number, page: number): Promise<void> {
    if (!this.catalog.of(walk.workspace).byAspect.has('groups')) return this.unasked(walk, now);
    const told = await this.store.tell(walk, now, page);
    countToldOfGroups(told.length);
    await this.store.advance(walk, told.length < page ? null : (told.at(-1) ?? null), now);
  }

  /** Nobody asks for groups, or this process has not heard yet that somebody does. */
  private unasked(walk: Walk, now: number): Promise<void> {
    return now - walk.changedAt < UNASKED_AFTER_MS
      ? this.store.postpone(walk, now + UNASKED_AFTER_MS)
      : this.store.advance(walk, null, now);
  }
}
