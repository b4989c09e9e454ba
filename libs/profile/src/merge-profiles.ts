import { isAnonymousId, type Channel, type Values } from '@tidings/contracts';
import { joinDays } from './active-days.js';
import { applyConsent } from './apply-consent.js';
import { applyDevice } from './apply-device.js';
import { limitedBy, type Limited } from './apply-event.js';
import { laterPlace } from './apply-place.js';
import { applyTraits } from './apply-traits.js';
import { mergeBelongings } from './belonging.js';
import type { MergedId } from './identity.js';
import type { ProfileState } from './profile-state.js';
import { joinTold } from './told-address.js';
import { beforeAllKnown, timeOf } from './trait-times.js';

/** A profile after another was merged into it. */
export interface Merged {
  readonly profile: ProfileState;
  /** Channels that this turned to "no", because the other said so later. */
  readonly withdrawn: readonly Channel[];
  readonly limited: readonly Limited[];
}

/**
 * One profile of two, as if every event of both had been its own. Traits that a known person's events set stay, whatever an
 * anonymous one said and when; among equals, and for all else, the latest word wins. The version rises.
 */
export function mergeProfiles(into: ProfileState, previous: ProfileState, by: MergedId): Merged {
  const traits = withTraits(into, previous);
  const devices = withDevices(into, previous);
  const consent = withConsent({ ...traits.profile, devices: devices.devices }, previous);
  const told = joinTold(into.addresses, previous.addresses);
  const belongings = mergeBelongings(consent.profile, previous);
  const profile: ProfileState = {
    ...withZone(belongings.belongings, previous),
    addresses: told.addresses,
    place: laterPlace(into.place, previous.place),
    groupsToldAt: Math.max(into.groupsToldAt, previous.groupsToldAt),
    version: into.version + 1,
    createdAt: previous.createdAt < into.createdAt ? previous.createdAt : into.createdAt,
    activeDays: joinDays(into.activeDays, previous.activeDays),
    ids: [...into.ids, by, ...previous.ids],
  };
  const limited = limitedBy({ traits: traits.full, devices: devices.full, addresses: told.full, groups: belongings.full });
  return { profile, withdrawn: consent.withdrawn, limited };
}

/** From the oldest to the latest, as they were said. */
function withTraits(into: ProfileState, previous: ProfileState): { profile: ProfileState; full: boolean } {
  const { traits, traitTimes } = previous;
  const isLower = isAnonymousId(previous.id) && !isAnonymousId(into.id);
  const said = [...new Set([...Object.keys(traits), ...Object.keys(traitTimes.other)])].map((name) => {
    const at = timeOf(traitTimes, name, Object.hasOwn(traits, name));
    return { name, value: traits[name] ?? null, at: isLower ? beforeAllKnown(at) : at };
  });
  const news = said.filter(({ name, at }) => at !== timeOf(into.traitTimes, name, Object.hasOwn(into.traits, name)));
  let profile = into;
  let full = false;
  for (const [at, together] of [...Map.groupBy(news, (each) => each.at)].toSorted(([a], [b]) => a - b)) {
    const values: Values = Object.fromEntries(together.map(({ name, value }) => [name, value]));
    const applied = applyTraits(profile, values, at);
    profile = applied.profile;
    full ||= applied.full;
  }
  return { profile, full };
}

function withDevices(into: ProfileState, previous: ProfileState) {
  let { devices } = into;
  let full = false;
  for (const { id, type, token, appVersion, seenAt } of previous.devices) {
    const seen = {
      id,
      ...(type !== null && { type }),
      ...(token !== null && { token }),
      ...(appVersion !== undefined && { appVersion }),
    };
    const applied = applyDevice(devices, seen, Date.parse(seenAt));
    devices = applied.devices;
    full ||= applied.full;
  }
  return { devices, full };
}

function withConsent(into: ProfileState, previous: ProfileState): { profile: ProfileState; withdrawn: Channel[] } {
  let profile = into;
  const withdrawn: Channel[] = [];
  for (const [name, at] of Object.entries(previous.consentTimes)) {
    if (into.consentTimes[name] === at) continue;
    const applied = applyConsent(profile, { [name]: previous.consent[name] === true }, at);
    profile = applied.profile;
    withdrawn.push(...applied.withdrawn);
  }
  return { profile, withdrawn };
}

function withZone(into: ProfileState, previous: ProfileState): ProfileState {
  const [later, earlier] = previous.zoneAt > into.zoneAt ? [previous, into] : [into, previous];
  return {
    ...into,
    timezone: later.timezone ?? earlier.timezone,
    locale: later.locale ?? earlier.locale,
    zoneAt: later.zoneAt,
  };
}
