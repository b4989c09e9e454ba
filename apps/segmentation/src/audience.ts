import { Injectable } from '@nestjs/common';
import { counted, cutOf, heldOf, ofShare, together, type Amount, type Cut, type Draft } from './preview.js';
import { COUNTED_PROFILES, PreviewStore, type Among, type Overlapped, type Overlaps } from './preview.store.js';
import { SHARE } from './segmentation.schema.js';

/** The size of an audience, and how it is known. */
export interface Audience extends Amount {
  /** How many profiles there are. */
  readonly profiles: Amount;
  /** Of how many the answer was worked out. */
  readonly sampled: number;
  /** Some of them. */
  readonly sample: readonly string[];
  readonly cut: readonly Cut[];
}

/** A question that only asks for published segments. */
export interface Asking {
  readonly workspace: string;
  readonly draft: Draft;
  readonly segments: readonly string[];
}

/** Of larger workspaces, the members of the smallest segments are, up to so many: some 30 ms. */
const COUNTED_MEMBERS = 10_000;
const SHOWN = 10;

const nobody = { id: '', traits: {}, devices: [], consent: {}, timezone: null };

/** Who may be how far in a draft: by the mask of the segments that somebody is in, the number of clauses that hold. */
interface Plan extends Asking, Overlapped {
  readonly held: readonly number[];
}

/** What was counted of everybody: the overlaps with some segments, and all profiles; null where it was not. */
interface Counts {
  readonly overlaps: Overlaps;
  /** Which overlaps, as bits: those with any of these segments. */
  readonly bits: number;
  readonly profiles: number | null;
}

/** The same of the share. */
type ShareCounts = Counts & { readonly profiles: number };

/**
 * Says how large an audience is that is made of published segments, by their members. What is many is counted in the share of
 * profiles that has indexes of its own, and told with bounds; what is few is counted.
 */
@Injectable()
export class Audiences {
  constructor(private readonly store: PreviewStore) {}

  async of(asking: Asking): Promise<Audience> {
    const plan = planOf(asking);
    const [overlaps, profiles] = await Promise.all([this.store.overlaps(plan, 'share'), this.store.count(plan.workspace, 'share')]);
    const share = { overlaps, bits: 0, profiles };
    const whole = await this.whole(plan, share);
    const left = leftOf(plan, share, whole);
    return {
      ...left(plan.draft.places.length),
      profiles: whole.profiles === null ? ofShare(profiles, SHARE) : counted(whole.profiles),
      sampled: whole.profiles ?? profiles,
      sample: await this.sample(plan, [whole.overlaps, overlaps], whole.profiles === null ? 'share' : 'all'),
      cut: cutOf(plan.draft, left),
    };
  }

  /** What can be counted in time. */
  private async whole(plan: Plan, share: ShareCounts): Promise<Counts> {
    const { workspace, segments } = plan;
    if (share.profiles * SHARE <= COUNTED_PROFILES) {
      const [overlaps, profiles] = await Promise.all([this.store.overlaps(plan, 'all'), this.store.count(workspace, 'all')]);
      return { overlaps, bits: -1, profiles };
    }
    const bits = fewOf(segments, share.overlaps);
    const few = segments.filter((_id, bit) => (bits >> bit) & 1);
    const overlaps = few.length === 0 ? { counts: new Map<number, number>(), some: [] } : await this.store.overlapsWith(plan, few);
    return { overlaps, bits, profiles: null };
  }

  private async sample(plan: Plan, found: readonly Overlaps[], among: Among): Promise<readonly string[]> {
    const some = [...new Set(found.flatMap((each) => each.some))].slice(0, SHOWN);
    if (!plan.wanted.includes(0) || some.length === SHOWN) return some;
    return [...some, ...(await this.store.inNone({ ...plan, some: SHOWN - some.length }, among))];
  }
}

/** The smallest segments, as bits. */
function fewOf(segments: readonly string[], share: Overlaps): number {
  const sizes = segments.map((_id, bit) => ({ bit, size: SHARE * sum([...share.counts].filter(([mask]) => (mask >> bit) & 1).map(([, count]) => count)) }));
  let bits = 0;
  let members = 0;
  for (const { bit, size } of sizes.toSorted((a, b) => a.size - b.size)) {
    members += size;
    if (members <= COUNTED_MEMBERS) bits |= 1 << bit;
  }
  return bits;
}

function planOf(asking: Asking): Plan {
  const { draft, segments } = asking;
  const held = Array.from({ length: 1 << segments.length }, (_none, mask) =>
    heldOf(draft, { person: nobody, counters: {}, segments: segments.filter((_id, bit) => (mask >> bit) & 1) }, new Date(0)),
  );
  const wanted = held.flatMap((clauses, mask) => (clauses === draft.places.length ? [mask] : []));
  return { ...asking, held, wanted, some: SHOWN };
}

/** How many have so many clauses: the masks that were counted, and those that the share speaks for. */
function leftOf({ held }: Plan, share: ShareCounts, whole: Counts): (clauses: number) => Amount {
  const groups = held.map((clauses, mask) => {
    const isCounted = mask === 0 ? whole.profiles !== null : (mask & whole.bits) !== 0;
    return { clauses, isCounted, count: countOf(mask, isCounted ? whole : share) };
  });
  return (clauses) => {
    const those = groups.filter((group) => group.clauses >= clauses);
    const exact = counted(sum(those.filter(({ isCounted }) => isCounted).map(({ count }) => count)));
    const shared = those.filter(({ isCounted }) => !isCounted).map(({ count }) => count);
    return shared.length === 0 ? exact : together(exact, ofShare(sum(shared), SHARE));
  };
}

/** Those that are in none are all but those that are in any. */
const countOf = (mask: number, { overlaps: { counts }, profiles }: Counts): number =>
  mask === 0 ? Math.max(0, (profiles ?? 0) - sum([...counts.values()])) : (counts.get(mask) ?? 0);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
