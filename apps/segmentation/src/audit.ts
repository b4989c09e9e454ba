import { countersOf, memberships, relyingOnBefore, takenIn, type Membership, type PastOccurrence, type Segments } from '@tidings/segment';
import type { KnownProfile } from './known-profile.js';

/** What is kept of a profile and its memberships, in both places, and what history has of it. */
export interface Kept {
  readonly known: KnownProfile;
  /** The segments that have it as a member. */
  readonly members: readonly string[];
  readonly history: readonly PastOccurrence[];
  /** Whether it is yet to be held against a change of its groups, as somebody will see to. */
  readonly isToBeTold: boolean;
}

/** What an audit found about one segment. */
export interface Finding {
  readonly segment: string;
  /** Profiles that are in it by recomputation. */
  readonly members: number;
  /** Profiles that should be in it and are not. */
  readonly missing: number;
  /** Profiles that are in it and should not be. */
  readonly extra: number;
  /** Profiles whose answer rests on more than history still has. */
  readonly unproven: number;
  /** The first profiles that differ. */
  readonly profiles: readonly string[];
}

/** What an audit found. */
export interface Findings {
  readonly audited: number;
  /** Profiles that were not held against the newest segments, or traits of their groups, yet: only the two places were compared. */
  readonly waiting: number;
  /** Profiles whose moment came more than a minute ago, and that nobody looked at since. */
  readonly overdue: number;
  /** All that is missing and all that is extra. */
  readonly differences: number;
  /** Segments with members, or with something to be said, by their ids. */
  readonly segments: readonly Finding[];
}

/** What profiles are held against. */
export interface AuditOf {
  readonly segments: Segments;
  readonly now: number;
  /** History has everything since this moment, in ms. */
  readonly since: number;
}

const FIRST = 10;
const GRACE_MS = 60_000;

/**
 * The moment that a membership is audited for: the last one that its answers are meant to hold for, up to now. So one whose
 * moment has come is no difference until somebody has had the time to look at it, and one whose moment was missed is.
 */
export const auditedAt = ({ evaluatedAt, dueAt }: Membership, now: number): number =>
  Math.max(evaluatedAt, dueAt === null ? now : Math.min(now, dueAt - 1));

/** Works every membership out anew from the profile and its history, and compares it with both places where it is kept. */
export class Audit {
  private readonly found = new Map<string, { -readonly [K in keyof Finding]: Finding[K] } & { profiles: string[] }>();
  private readonly unproven = new Map<number, ReadonlySet<string>>();
  private audited = 0;
  private waiting = 0;
  private overdue = 0;

  constructor(private readonly of: AuditOf) {}

  /** Audits one profile. */
  take(kept: Kept): void {
    const { membership, profile } = kept.known;
    this.audited += 1;
    if (membership.dueAt !== null && membership.dueAt < this.of.now - GRACE_MS) this.overdue += 1;
    const { worked, unproven } = this.workedOut(kept);
    const [stored, listed] = [new Set(membership.segments), new Set(kept.members)];
    for (const segment of unproven) this.findingOf(segment).unproven += 1;
    for (const segment of new Set([...worked, ...stored, ...listed])) {
      const isIn = (unproven.has(segment) ? stored : worked).has(segment);
      if (isIn) this.findingOf(segment).members += 1;
      if (isIn !== stored.has(segment) || isIn !== listed.has(segment)) this.differs(segment, profile.id, isIn);
    }
  }

  /** The segments that the profile is in, and those of which history cannot tell. */
  private workedOut({ known, history, isToBeTold }: Kept): { worked: ReadonlySet<string>; unproven: ReadonlySet<string> } {
    const { segments, now } = this.of;
    const { membership, profile } = known;
    if (membership.revision !== segments.revision || isToBeTold) {
      this.waiting += 1;
      return { worked: new Set(membership.segments), unproven: new Set() };
    }
    const at = auditedAt(membership, now);
    // Who a snapshot took is what was written down when it did: no history can tell it as of then.
    const counters = { ...countersOf([...segments.byCounter.values()], history, at), ...takenIn(membership.counters) };
    return {
      worked: new Set(memberships(segments, profile, counters, new Date(at))),
      unproven: this.unprovenOf(known, at),
    };
  }

  /** Notes a member that is no profile. */
  orphan(segment: string, profileId: string): void {
    this.differs(segment, profileId, false);
  }

  findings(): Findings {
    const segments = [...this.found.values()].toSorted((a, b) => (a.segment < b.segment ? -1 : 1));
    const differences = segments.reduce((sum, { missing, extra }) => sum + missing + extra, 0);
    return { audited: this.audited, waiting: this.waiting, overdue: this.overdue, differences, segments };
  }

  /** A profile that is younger than the oldest day of history has all of its history there. */
  private unprovenOf({ profile }: KnownProfile, at: number): ReadonlySet<string> {
    const { segments, since } = this.of;
    if (Date.parse(profile.createdAt) >= since) return new Set();
    const unproven = this.unproven.get(at) ?? relyingOnBefore(segments, since, at);
    this.unproven.set(at, unproven);
    return unproven;
  }

  private differs(segment: string, profileId: string, isIn: boolean): void {
    const finding = this.findingOf(segment);
    finding[isIn ? 'missing' : 'extra'] += 1;
    if (finding.profiles.length < FIRST) finding.profiles.push(profileId);
  }

  private findingOf(segment: string) {
    const finding = this.found.get(segment) ?? { segment, members: 0, missing: 0, extra: 0, unproven: 0, profiles: [] };
    this.found.set(segment, finding);
    return finding;
  }
}
