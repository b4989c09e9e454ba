import type { Device, Place, Values } from '@tidings/contracts';
import { withDay, type ActiveDays } from './active-days.js';
import type { Belongings } from './belonging.js';
import type { MergedId, RefusedId } from './identity.js';
import type { ToldAddress } from './told-address.js';
import type { TraitTimes } from './trait-times.js';

/** One recipient as they are known, with what is needed to tell news from what came late. */
export interface ProfileState extends Belongings {
  readonly id: string;
  /** Rises with every event that may change the profile. */
  readonly version: number;
  readonly traits: Values;
  readonly traitTimes: TraitTimes;
  readonly devices: readonly Device[];
  /** Subscriptions to web push and chats, those that are gone among them. */
  readonly addresses: readonly ToldAddress[];
  /** What the person said, per channel. */
  readonly consent: Readonly<Record<string, boolean>>;
  /** When they said it, in ms. */
  readonly consentTimes: Readonly<Record<string, number>>;
  readonly timezone: string | null;
  readonly locale: string | null;
  /** When time zone and locale were last told, in ms. */
  readonly zoneAt: number;
  /** Where they were last; null while nobody said. */
  readonly place: Place | null;
  /** The position under which changes of the groups were last told; each next one is higher. */
  readonly groupsToldAt: number;
  readonly createdAt: string;
  /** On which days there is something in their history that can be counted. */
  readonly activeDays: ActiveDays;
  /** The other ids of the same person. */
  readonly ids: readonly MergedId[];
  /** Ids that were said to be theirs too and were not taken. */
  readonly refused: readonly RefusedId[];
}

/** A profile of which nothing is known but that it exists. */
export const newProfile = (id: string, createdAt: string): ProfileState => ({
  id,
  version: 0,
  traits: {},
  traitTimes: { latest: 0, other: {} },
  devices: [],
  addresses: [],
  consent: {},
  consentTimes: {},
  timezone: null,
  locale: null,
  zoneAt: 0,
  place: null,
  groups: [],
  leftGroups: [],
  groupsToldAt: 0,
  createdAt,
  activeDays: '',
  ids: [],
  refused: [],
});

/** The profile after something of theirs was received that can be counted. */
export function activeAt(profile: ProfileState, receivedAt: string): ProfileState {
  const activeDays = withDay(profile.activeDays, Math.floor(Date.parse(receivedAt) / DAY_MS));
  return activeDays === profile.activeDays ? profile : { ...profile, activeDays };
}

const DAY_MS = 86_400_000;
