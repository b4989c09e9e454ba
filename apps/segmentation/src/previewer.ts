import { Injectable } from '@nestjs/common';
import { mentionsOf } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import { countersOf } from '@tidings/segment';
import { keyOf } from './known-profile.js';
import { Audiences } from './audience.js';
import { counted, cutOf, draftOf, estimated, heldOf, ofShare, type Amount, type Cut, type Draft } from './preview.js';
import { PreviewStore } from './preview.store.js';
import { SHARE } from './segmentation.schema.js';
import { SegmentCatalog } from './segment-catalog.js';

/** The audience that a condition would have. */
export interface Preview extends Amount {
  readonly method: 'exact' | 'estimated';
  /** How many profiles there are (in a large workspace itself an estimate), and of how many the answer was worked out. */
  readonly profiles: number;
  readonly sampled: number;
  /** Some of them. */
  readonly sample: readonly string[];
  /** How each top-level clause cuts what those before it left. */
  readonly cut: readonly Cut[];
}

const SAMPLE = 1_000;
const CHUNK = 100;
const SHOWN = 10;
/** More segments would overlap in more ways than can be told one by one. */
const OVERLAPPING = 10;
const TIME_MS = 1_000;
/** So many in the share are enough to pick from; fewer, and everybody is counted and picked from. */
const PICKED_FROM = 3_000;

/** Says how large a segment would be. */
@Injectable()
export class Previewer {
  constructor(
    private readonly store: PreviewStore,
    private readonly audiences: Audiences,
    private readonly catalog: SegmentCatalog,
  ) {}

  /** By their members where only published segments are asked for; otherwise by profiles that chance picks, or all where they are few. */
  async preview(workspace: string, where: Condition, clock: () => number = Date.now): Promise<Preview> {
    const { segments: asked, computed } = mentionsOf(where);
    const segments = [...asked];
    const traits = this.catalog.computedTraits(workspace).filter(({ id }) => computed.has(id));
    const draft = draftOf(where, traits);
    if (!isMadeOfSegments(where) || segments.length > OVERLAPPING) return this.sampled(workspace, draft, clock);
    const { profiles, ...audience } = await this.audiences.of({ workspace, draft, segments });
    return { ...audience, method: audience.low === audience.high ? 'exact' : 'estimated', profiles: profiles.size };
  }

  private async sampled(workspace: string, draft: Draft, clock: () => number): Promise<Preview> {
    const { ids, all } = await this.picked(workspace);
    const weights = new Array<number>(draft.places.length + 1).fill(0);
    const sample: string[] = [];
    let sampled = 0;
    for await (const { size, held } of this.looked(workspace, draft, ids, clock)) {
      sampled += size;
      for (const { clauses } of held) weights[clauses] = (weights[clauses] ?? 0) + 1;
      sample.push(...held.filter(({ clauses }) => clauses === draft.places.length).map(({ id }) => id));
    }
    const isExact = sampled === all.size;
    const left = (clauses: number): Amount => {
      const count = weights.slice(clauses).reduce((sum, weight) => sum + weight, 0);
      return isExact ? counted(count) : estimated(count, sampled, all);
    };
    return {
      ...left(draft.places.length),
      method: isExact ? 'exact' : 'estimated',
      profiles: all.size,
      sampled,
      sample: sample.slice(0, SHOWN),
      cut: cutOf(draft, left),
    };
  }

  private async picked(workspace: string): Promise<{ readonly ids: readonly string[]; readonly all: Amount }> {
    const inShare = await this.store.count(workspace, 'share');
    const among = inShare < PICKED_FROM ? 'all' : 'share';
    const [ids, all] = await Promise.all([
      this.store.pick(workspace, among, SAMPLE),
      among === 'share' ? ofShare(inShare, SHARE) : this.store.count(workspace, 'all').then(counted),
    ]);
    return { ids, all };
  }

  /** As many of the sample as there is time for. */
  private async *looked(workspace: string, draft: Draft, ids: readonly string[], clock: () => number) {
    const end = clock() + TIME_MS;
    for (let from = 0; from < ids.length && (from === 0 || clock() < end); from += CHUNK) {
      const chunk = ids.slice(from, from + CHUNK);
      yield { size: chunk.length, held: await this.held(workspace, draft, chunk, new Date(clock())) };
    }
  }

  private async held(workspace: string, draft: Draft, ids: readonly string[], now: Date): Promise<readonly { id: string; clauses: number }[]> {
    const rules = [...draft.clauses.byCounter.values()];
    const { profiles, histories } = await this.store.look(workspace, ids, { rules, at: now.getTime() });
    return profiles.map(({ profile, membership }) => {
      const history = histories.get(keyOf({ workspace, profileId: profile.id })) ?? [];
      const counters = countersOf(rules, history, now.getTime());
      return { id: profile.id, clauses: heldOf(draft, { person: profile, counters, segments: membership.segments }, now) };
    });
  }
}

const isMadeOfSegments = (where: Condition): boolean => {
  if ('all' in where) return where.all.every(isMadeOfSegments);
  if ('any' in where) return where.any.every(isMadeOfSegments);
  return 'not' in where ? isMadeOfSegments(where.not) : 'segment' in where;
};
