import { Injectable } from '@nestjs/common';
import { mentionsOf } from '@tidings/condition';
import type { Condition } from '@tidings/contracts';
import { countersOf } from '@tidings/segment';
import { keyOf } from './known-profile.js';
import { counted, cutOf, draftOf, estimated, heldOf, type Amount, type Cut, type Draft } from './preview.js';
import { PreviewStore } from './preview.store.js';

/** The audience that a condition would have. */
export interface Preview extends Amount {
  readonly method: 'exact' | 'estimated';
  /** How many profiles there are, and of how many the answer was worked out. */
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

const nobody = { id: '', traits: {}, devices: [], consent: {}, timezone: null };

/** Says how large a segment would be. */
@Injectable()
export class Previewer {
  constructor(private readonly store: PreviewStore) {}

  /** Counted where only published segments are asked for, or where there are few profiles; otherwise estimated by a sample. */
  async preview(workspace: string, where: Condition, clock: () => number = Date.now): Promise<Preview> {
    const draft = draftOf(where);
    const segments = [...mentionsOf(where).segments];
    const exact = isMadeOfSegments(where) && segments.length <= OVERLAPPING ? await this.counted(workspace, draft, segments) : null;
    return exact ?? this.sampled(workspace, draft, clock);
  }

  private async counted(workspace: string, draft: Draft, segments: readonly string[]): Promise<Preview | null> {
    const held = Array.from({ length: 1 << segments.length }, (_none, mask) =>
      heldOf(draft, { person: nobody, counters: {}, segments: segments.filter((_id, bit) => (mask >> bit) & 1) }, new Date(0)),
    );
    const wanted = held.flatMap((clauses, mask) => (clauses === draft.places.length ? [mask] : []));
    const overlaps = await this.store.overlaps(workspace, segments, wanted, SHOWN);
    if (overlaps === null) return null;
    const weights = new Array<number>(draft.places.length + 1).fill(0);
    for (const [mask, count] of overlaps.counts) weights[held[mask] ?? 0] = (weights[held[mask] ?? 0] ?? 0) + count;
    const profiles = weights.reduce((sum, weight) => sum + weight, 0);
    return { ...counted(weights.at(-1) ?? 0), method: 'exact', profiles, sampled: profiles, sample: overlaps.some, cut: cutOf(draft, weights, counted) };
  }

  private async sampled(workspace: string, draft: Draft, clock: () => number): Promise<Preview> {
    const { ids, all } = await this.store.pick(workspace, SAMPLE);
    const weights = new Array<number>(draft.places.length + 1).fill(0);
    const sample: string[] = [];
    let sampled = 0;
    for await (const { size, held } of this.looked(workspace, draft, ids, clock)) {
      sampled += size;
      for (const { clauses } of held) weights[clauses] = (weights[clauses] ?? 0) + 1;
      sample.push(...held.filter(({ clauses }) => clauses === draft.places.length).map(({ id }) => id));
    }
    const isExact = sampled === all;
    const amount = isExact ? counted : (count: number) => estimated(count, sampled, all);
    return {
      ...amount(weights.at(-1) ?? 0),
      method: isExact ? 'exact' : 'estimated',
      profiles: all,
      sampled,
      sample: sample.slice(0, SHOWN),
      cut: cutOf(draft, weights, amount),
    };
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
