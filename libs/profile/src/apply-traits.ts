import type { Values } from '@tidings/contracts';
import { timeOf, withTimes, type TraitTimes } from './trait-times.js';

/** Names beyond this many are not taken; those that are known can still change. */
const MAX_TRAITS = 256;
/** The traits of one profile travel with each of its activities, so they must stay well below what a record may hold. */
const MAX_TRAITS_LENGTH = 65_536;

/** Whoever has traits: a profile, or a group. */
export interface Traited {
  readonly traits: Values;
  readonly traitTimes: TraitTimes;
}

/** Traits after news of them, the names of those that changed, and whether some were not taken for lack of room. */
export interface AppliedTraits<T extends Traited> {
  readonly profile: T;
  readonly changed: readonly string[];
  readonly full: boolean;
}

/**
 * Sets traits, or removes those that are null, as of `at`. A trait that was set or removed later than that stays as it
 * is. When the result would be too large, nothing is set, but what is to be removed still is.
 */
export function applyTraits<T extends Traited>(profile: T, news: Values, at: number): AppliedTraits<T> {
  const names = Object.keys(news).filter((name) => isNews(profile, name, at));
  if (names.length === 0) return { profile, changed: [], full: false };
  const taken = withRoom(profile.traits, news, names);
  const next = merged(profile.traits, news, taken);
  if (!isTooLong(next, news, taken)) return settled(profile, next, taken, { at, full: taken.length < names.length });
  const removed = taken.filter((name) => news[name] === null);
  return settled(profile, merged(profile.traits, news, removed), removed, { at, full: true });
}

/** `__proto__` is no name for a trait: as a key it means something else in too many places. */
const isNews = ({ traits, traitTimes }: Traited, name: string, at: number): boolean =>
  name !== '__proto__' && at >= timeOf(traitTimes, name, Object.hasOwn(traits, name));

/** As many of the names as there is room for, in their order; those that are known or go need none. */
function withRoom(traits: Values, news: Values, names: readonly string[]): readonly string[] {
  let room = MAX_TRAITS - Object.keys(traits).length;
  return names.filter((name) => news[name] === null || Object.hasOwn(traits, name) || room-- > 0);
}

function merged(traits: Values, news: Values, names: readonly string[]): Values {
  const next = { ...traits };
  for (const name of names) {
    if (news[name] === null) delete next[name];
    else next[name] = news[name];
  }
  return next;
}

const isTooLong = (next: Values, news: Values, taken: readonly string[]): boolean =>
  taken.some((name) => news[name] !== null) && mostLength(next) > MAX_TRAITS_LENGTH && JSON.stringify(next).length > MAX_TRAITS_LENGTH;

/** As JSON traits are not longer than this: reading them is cheaper than writing them down to see. Of what is nested nothing is known. */
function mostLength(traits: Values): number {
  let length = 2;
  for (const name in traits) {
    const value = traits[name];
    if (typeof value === 'object' && value !== null) return Infinity;
    // A character becomes six at most, a number 24; quotes, colon and comma are four more.
    length += 6 * (name.length + (typeof value === 'string' ? value.length : 4)) + 6;
  }
  return length;
}

interface Settling {
  readonly at: number;
  readonly full: boolean;
}

function settled<T extends Traited>(
  profile: T,
  traits: Values,
  names: readonly string[],
  { at, full }: Settling,
): AppliedTraits<T> {
  const changed = names.filter((name) => !isSame(profile.traits[name], traits[name]));
  const traitTimes = withTimes(profile.traitTimes, names, new Set(Object.keys(traits)), at);
  return { profile: { ...profile, traits: changed.length === 0 ? profile.traits : traits, traitTimes }, changed, full };
}

function isSame(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  const bothObjects = typeof before === 'object' && typeof after === 'object';
  return bothObjects && JSON.stringify(before) === JSON.stringify(after);
}
