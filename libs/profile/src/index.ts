/**
 * What an event makes of a profile: traits, devices, consent, groups; of a group: its traits; and which profiles are one person's. Events may come late and
 * in any order; what was said last by the sender's clock holds. Knows nothing of segments, of storage or of what time it is.
 */
export { daysIn, MOST_ACTIVE_DAYS, type ActiveDays } from './active-days.js';
export { addressesOf, contactsOf, type Address, type AddressKind, type Reachable } from './address.js';
export { applyEvent, type Applied, type Limited } from './apply-event.js';
export { heldAgainst, MAX_GROUPS, withGroupTraits, type Belonging, type GroupOf } from './belonging.js';
export { applyGroup, groupIdOf, isLeaving, newGroup, type AppliedGroup, type GroupState } from './group-state.js';
export { happenedAt } from './happened-at.js';
export {
  hasRoomFor,
  MAX_IDS,
  otherIds,
  withRefusal,
  type MergedId,
  type RefusalReason,
  type RefusedId,
} from './identity.js';
export { mergeProfiles, type Merged } from './merge-profiles.js';
export { countryNamed, countryOf, readPhone, type PhoneFault, type ReadPhone } from './phone.js';
export { activeAt, newProfile, type ProfileState } from './profile-state.js';
export { isThere, type ToldAddress } from './told-address.js';
export type { TraitTimes } from './trait-times.js';
