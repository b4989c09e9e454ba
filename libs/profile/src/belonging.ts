import type { Values } from '@tidings/contracts';
import type { GroupState } from './group-state.js';

/** A group that a person belongs to. */
export interface Belonging {
  readonly id: string;
  /** When they joined it, in ms. */
  readonly since: number;
  /** When they were last said to belong to it, in ms. */
  readonly at: number;
  /** The version of the group that the person was last held against; 0 when none. */
  readonly version: number;
  /** The group's traits as far as there is room for them beside those of the groups that were joined before. */
  readonly traits: Values;
}

/** Which groups a person belongs to. */
export interface Belongings {
  /** The longest first; the same list as long as nothing about them changes. */
  readonly groups: readonly Belonging[];
  /** When they left groups, in ms, the latest of them: what tells a late call from news. */
  readonly leftGroups: readonly { readonly id: string; readonly at: number }[];
}

/** Groups of one person; further ones are not joined. */
export const MAX_GROUPS = 50;
/** Groups that were left and are remembered. */
const MAX_LEFT = 50;
/** The traits of a person's groups travel with each of their activities, so together they stay below what one profile may have. */
const MAX_CARRIED_LENGTH = 65_536;

/** After the person was said to belong to a group at `at`. Who left it later did not join again. */
export function joinGroup<B extends Belongings>(
  before: B,
  { id, at, version = 0, traits = {} }: Pick<Belonging, 'id' | 'at'> & Partial<Belonging>,
): { belongings: B; full: boolean } {
  if (at < leftAt(before, id)) return { belongings: before, full: false };
  const known = before.groups.find((each) => each.id === id);
  if (known === undefined && before.groups.length >= MAX_GROUPS) return { belongings: before, full: true };
  const joined =
    known === undefined
      ? { id, since: at, at, version, traits }
      : { ...known, since: Math.min(known.since, at), at: Math.max(known.at, at) };
  if (known?.since === joined.since && known.at === joined.at) return { belongings: before, full: false };
  const others = before.groups.filter((each) => each.id !== id);
  return { belongings: { ...before, groups: [...others, joined].toSorted(bySince) }, full: false };
}

/** After the person left a group at `at`. Who was said to belong to it later belongs to it, since then. */
export function leaveGroup<B extends Belongings>(before: B, id: string, at: number): B {
  if (at <= leftAt(before, id)) return before;
  const others = before.leftGroups.filter((each) => each.id !== id);
  const leftGroups = [...others, { id, at }].toSorted((a, b) => b.at - a.at).slice(0, MAX_LEFT);
  const known = before.groups.find((each) => each.id === id);
  if (known === undefined || known.since >= at) return { ...before, leftGroups };
  const rest = before.groups.filter((each) => each !== known);
  const groups = known.at < at ? rest : [...rest, { ...known, since: known.at }].toSorted(bySince);
  return { ...before, groups, leftGroups };
}

/** One person's groups of two persons'. */
export function mergeBelongings<B extends Belongings>(into: B, previous: Belongings): { belongings: B; full: boolean } {
  let belongings = previous.leftGroups.reduce((all, { id, at }) => leaveGroup(all, id, at), into);
  let full = false;
  for (const belonging of previous.groups) {
    for (const at of [belonging.since, belonging.at]) {
      const joined = joinGroup(belongings, { ...belonging, at });
      belongings = joined.belongings;
      full ||= joined.full;
    }
  }
  return { belongings, full };
}

/**
 * The person held against their groups as they are; the same person when they were. A group that is not known is kept as it
 * was. Of groups whose traits there is no room for, only that the person belongs to them is told.
 */
export const heldAgainst = <B extends Belongings>(before: B, groupOf: GroupOf): B =>
  resolved(before, groupOf, (group) => group.version);

/** The person with the traits of their groups as they are, still to be held against those that changed since they last were. */
export const withGroupTraits = <B extends Belongings>(before: B, groupOf: GroupOf): B =>
  resolved(before, groupOf, (_group, { version }) => version);

/** What is known of a group; null when nothing is. */
export type GroupOf = (id: string) => GroupState | null;

function resolved<B extends Belongings>(
  before: B,
  groupOf: GroupOf,
  versionOf: (group: GroupState, belonging: Belonging) => number,
): B {
  let room = MAX_CARRIED_LENGTH;
  const groups = before.groups.map((belonging) => {
    const group = groupOf(belonging.id);
    if (group === null) return belonging;
    const traits = group.length <= room ? group.traits : nothing;
    if (traits !== nothing) room -= group.length;
    const version = versionOf(group, belonging);
    const isSame = belonging.version === version && belonging.traits === traits;
    return isSame ? belonging : { ...belonging, version, traits };
  });
  return groups.every((each, index) => each === before.groups[index]) ? before : { ...before, groups };
}

const nothing: Values = {};

const leftAt = ({ leftGroups }: Belongings, id: string): number =>
  leftGroups.find((each) => each.id === id)?.at ?? -Infinity;

const bySince = (a: Belonging, b: Belonging): number => a.since - b.since || (a.id < b.id ? -1 : 1);
