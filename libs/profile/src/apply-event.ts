import { isZone } from '@tidings/condition';
import { isAnonymousId, type AcceptedEvent, type Channel, type EventContext } from '@tidings/contracts';
import { applyConsent } from './apply-consent.js';
import { applyDevice } from './apply-device.js';
import { applyPlace } from './apply-place.js';
import { applyTraits } from './apply-traits.js';
import { joinGroup, leaveGroup } from './belonging.js';
import { groupIdOf, isLeaving, personalTraits } from './group-state.js';
import { happenedAt } from './happened-at.js';
import type { ProfileState } from './profile-state.js';
import { joinTold, toldBy } from './told-address.js';
import { beforeAllKnown } from './trait-times.js';

/** What a profile has no room for. */
export type Limited = 'traits' | 'devices' | 'addresses' | 'groups' | 'group-traits';

/** The profile after an event. */
export interface Applied {
  readonly profile: ProfileState;
  /** Names of the traits that changed. */
  readonly changed: readonly string[];
  /** Channels for which the event took back consent that was not refused before. */
  readonly withdrawn: readonly Channel[];
  /** What the event brought that was not taken, or was taken at the cost of something older. */
  readonly limited: readonly Limited[];
}

/**
 * What an event makes of a profile. Receipts, triggers and listings say nothing about the person and leave the profile as it is,
 * but for consent that a recipient gave or took back with them, and a token that a provider says is dead. Traits of a
 * `group` are the group's (`applyGroup`); the person belongs to it.
 */
export function applyEvent(profile: ProfileState, event: AcceptedEvent): Applied {
  const at = happenedAt(event);
  const { profile: consenting, withdrawn } = applyConsent(profile, event.context.consent ?? {}, at);
  if (isAside(event)) {
    const reached = withoutDeadToken(consenting, event);
    const next = reached === profile ? profile : { ...reached, version: profile.version + 1 };
    return { profile: next, changed: [], withdrawn, limited: [] };
  }
  const traits = applyTraits(consenting, personalTraits(event), isLower(profile, event) ? beforeAllKnown(at) : at);
  const zoned = applyZone(traits.profile, event.context, at);
  const belonging = applyBelonging(zoned, event, at);
  const { device, location } = event.context;
  const devices =
    device === undefined ? { devices: zoned.devices, full: false } : applyDevice(zoned.devices, device, at);
  const told = joinTold(zoned.addresses, toldBy(event.context, at));
  return {
    profile: {
      ...belonging.belongings,
      devices: devices.devices,
      addresses: told.addresses,
      place: applyPlace(zoned.place, location, at),
      version: profile.version + 1,
      // What came under another id of the same person may be heard late, and be the first of them.
      createdAt: event.receivedAt < profile.createdAt ? event.receivedAt : profile.createdAt,
    },
    changed: traits.changed,
    withdrawn,
    limited: limitedBy({ traits: traits.full, devices: devices.full, addresses: told.full, groups: belonging.full }),
  };
}

/** By the token itself: a device that has been given another one meanwhile keeps that. */
function withoutDeadToken(profile: ProfileState, { receipt, context: { device } }: AcceptedEvent): ProfileState {
  const dead = receipt?.kind === 'bounced' ? (device?.token ?? null) : null;
  if (dead === null || !profile.devices.some(({ token }) => token === dead)) return profile;
  const devices = profile.devices.map((each) => (each.token === dead ? { ...each, token: null } : each));
  return { ...profile, devices };
}

/** The names of what is full. */
export const limitedBy = (full: Readonly<Partial<Record<Limited, boolean>>>): Limited[] =>
  limits.filter((name) => full[name] === true);

const limits: readonly Limited[] = ['traits', 'devices', 'addresses', 'groups', 'group-traits'];

function applyBelonging(profile: ProfileState, event: AcceptedEvent, at: number) {
  const id = groupIdOf(event);
  if (id === null) return { belongings: profile, full: false };
  return isLeaving(event)
    ? { belongings: leaveGroup(profile, id, at), full: false }
    : joinGroup(profile, { id, at });
}

/** Calls that say nothing about the person. */
const isAside = ({ type }: AcceptedEvent): boolean => type === 'receipt' || type === 'trigger' || type === 'listing';

/** What somebody said before we knew who they are yields to what they said since, also when it comes late. */
const isLower = ({ id }: ProfileState, event: AcceptedEvent): boolean =>
  isAnonymousId(event.profileId) && !isAnonymousId(id);

function applyZone(profile: ProfileState, { timezone, locale }: EventContext, at: number): ProfileState {
  if ((timezone === undefined && locale === undefined) || at < profile.zoneAt) return profile;
  return { ...profile, timezone: zoneAfter(profile, timezone), locale: locale ?? profile.locale, zoneAt: at };
}

/** A browser that does not know where it is names a zone that there is none of. */
const zoneAfter = ({ timezone }: ProfileState, told: string | undefined): string | null =>
  told !== undefined && told !== timezone && isZone(told) ? told : timezone;
