import Type, { type Static } from 'typebox';
import { Channel } from '../channel.js';
import { Id, Instant, Values } from '../shapes.js';
import { profileKey, topic } from '../topic.js';
import { AcceptedEvent } from './accepted-event.js';

/**
 * Where an activity came from: a partition (of `events`, or of `delivery-events`) and the offset in it, or the clock and the due instant in
 * milliseconds. Positions of one source only rise; a reader keeps the highest it heard and ignores the rest.
 */
export const Cause = Type.Object({ source: Type.String(), position: Type.Integer() });
export type Cause = Static<typeof Cause>;

/** The source of what publishing or changing segments makes of a profile; its position rises with every publishing. */
export const backfillSource = 'segments';

/** The source of what time alone makes of a profile; its position is the instant that fell due. */
export const clockSource = 'clock';

/** Whether only publishing or changing a segment was the cause: the person did nothing, and no time passed. */
export const isBackfill = ({ source }: Cause): boolean => source === backfillSource;

/** A phone, browser or tablet that can be pushed to. */
export const Device = Type.Object({
  id: Id,
  type: Type.Union([Type.String(), Type.Null()]),
  token: Type.Union([Type.String(), Type.Null()]),
  /** Of the app on it; left out while it is not known. */
  appVersion: Type.Optional(Type.String()),
  seenAt: Instant,
});
export type Device = Static<typeof Device>;

const PlaceName = Type.Optional(Type.String());

/** Where a person was last: by a point and by names, each as the latest call that said any of it has it. */
export const Place = Type.Object({
  point: Type.Optional(
    Type.Object({
      latitude: Type.Number(),
      longitude: Type.Number(),
      /** The H3 cell around the point, of resolution 8: some 0.7 square kilometres. */
      cell: Type.String(),
      at: Instant,
    }),
  ),
  area: Type.Optional(Type.Object({ country: PlaceName, region: PlaceName, city: PlaceName, at: Instant })),
});
export type Place = Static<typeof Place>;

/** What a computed trait comes to. */
export const ComputedValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
export type ComputedValue = Static<typeof ComputedValue>;

/** One recipient as they now are. */
export const Profile = Type.Object({
  id: Id,
  version: Type.Integer({ minimum: 1 }),
  traits: Values,
  devices: Type.Array(Device),
  /** What the person said, per channel; a channel that is not named was never asked about. */
  consent: Type.Record(Type.String(), Type.Boolean()),
  timezone: Type.Union([Type.String(), Type.Null()]),
  locale: Type.Union([Type.String(), Type.Null()]),
  /** Left out while nobody said. */
  place: Type.Optional(Place),
  /** Ids of the segments the profile is in. */
  segments: Type.Array(Id),
  createdAt: Instant,
  /** Computed traits by their ids, as of this activity; one that has no value is not there. Left out where none is published. */
  computed: Type.Optional(Type.Record(Type.String(), ComputedValue)),
  /**
   * The groups the person belongs to, the longest first, each with its traits as far as they have room in 64 KiB; left out when
   * there are none.
   */
  groups: Type.Optional(Type.Array(Type.Object({ id: Id, traits: Values }))),
});
export type Profile = Static<typeof Profile>;

/** Something happened to a profile: an event, time passing, or a message that was sent to it. */
export const ProfileActivity = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  /** Whose it is now; `event.profileId` is the id that the event was sent under. */
  profileId: Id,
  cause: Cause,
  /** Null when only time passed, or a message was sent. */
  event: Type.Union([AcceptedEvent, Type.Null()]),
  profile: Profile,
  /** Segments entered and left by this activity. */
  entered: Type.Array(Id),
  left: Type.Array(Id),
  /** Channels for which this event withdrew consent. */
  withdrawn: Type.Array(Channel),
  /**
   * Ids whose profiles this event merged into this one, and the ids that had been merged into those. What they do from now on
   * is told under this profile's id, with `event.profileId` as it was sent.
   */
  merged: Type.Optional(Type.Array(Id)),
  /** When the cause was received, or fell due: what latency is measured from. */
  at: Instant,
});
export type ProfileActivity = Static<typeof ProfileActivity>;

/**
 * What names the segments that an activity entered or left, in every telling. What time, a publishing or a group made of
 * somebody may be told again under a later publishing, when who told it died before it was stored: then it is the same
 * version of the same profile.
 */
export const moveOf = ({ cause, profile }: ProfileActivity): Cause =>
  cause.source.includes('/') ? cause : { source: `profile of ${profile.createdAt}`, position: profile.version };

/** Each event together with the profile it left behind. */
export const profileActivity = topic({
  name: 'profile-activity',
  description: 'An event (or the passing of time), the profile as it now is, and the segments it entered and left.',
  schema: ProfileActivity,
  key: profileKey,
});
