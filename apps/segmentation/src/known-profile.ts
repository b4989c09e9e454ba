import type { Profile } from '@tidings/contracts';
import type { ProfileState } from '@tidings/profile';
import { computedValues, type Membership, type Segments } from '@tidings/segment';

/** Whose profile. */
export interface ProfileRef {
  readonly workspace: string;
  readonly profileId: string;
}

/** All that is known of one recipient. */
export interface KnownProfile {
  readonly profile: ProfileState;
  readonly membership: Membership;
}

/** No workspace id has a colon in it. */
export const keyOf = ({ workspace, profileId }: ProfileRef): string => `${workspace}:${profileId}`;

/** Every id that the profile's events were sent under. */
export const idsOf = ({ profile }: KnownProfile): readonly string[] => [profile.id, ...profile.ids.map(({ id }) => id)];

/** The profile as others see it, with its computed traits where any are published. */
export const shown = ({ profile, membership }: KnownProfile, segments: Segments): Profile => ({
  id: profile.id,
  version: profile.version,
  traits: profile.traits,
  devices: [...profile.devices],
  consent: profile.consent,
  timezone: profile.timezone,
  locale: profile.locale,
  ...(profile.place !== null && { place: profile.place }),
  segments: [...membership.segments],
  createdAt: profile.createdAt,
  ...(segments.computed.size > 0 && {
    computed: computedValues(segments, membership.counters, {
      now: membership.evaluatedAt,
      timezone: profile.timezone,
    }),
  }),
  ...(profile.groups.length > 0 && { groups: profile.groups.map(({ id, traits }) => ({ id, traits })) }),
});
