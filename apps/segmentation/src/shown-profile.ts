import type { ComputedValue, Device, Place } from '@tidings/contracts';
import { MAX_GROUPS, type MergedId, type RefusedId } from '@tidings/profile';
import { computedValues, type Segments } from '@tidings/segment';
import type { HeardEvent } from './heard-event.js';
import { masked, shownAddresses, type ShownAddress } from './shown-address.js';
import type { ReadEvent, ReadProfile } from './profile-reading.store.js';

/** A profile as the API shows it. */
export interface ShownProfile extends Pick<
  ReadProfile,
  'version' | 'traits' | 'consent' | 'timezone' | 'locale' | 'segments'
> {
  readonly id: string;
  readonly createdAt: string;
  /** The other ids of the same person, since when, and by the `messageId` of which event. */
  readonly mergedIds: readonly MergedId[];
  /** Ids that were said to be theirs too and stayed what they are: `taken` by somebody else, or the profile is `full`. */
  readonly refusedIds: readonly RefusedId[];
  readonly devices: readonly Device[];
  /** Where they can be reached, with what was agreed to for it; tokens and keys as for devices. */
  readonly addresses: readonly ShownAddress[];
  /** Where they were last, the point only by its cell for those who may not have tokens; null while nobody said. */
  readonly place: Place | Roughly | null;
  /** The groups the person belongs to and since when, the longest first. */
  readonly groups: readonly { readonly id: string; readonly since: string }[];
  /** Whether there is no room for another group. */
  readonly groupsFull: boolean;
  /** Computed traits as they are now, by their ids; left out where none is published, and until they are worked out. */
  readonly computed?: Readonly<Record<string, ComputedValue>>;
}

/** What somebody may see of profiles, and what is worked out for it. */
export interface Showing {
  readonly isTrusted: boolean;
  readonly segments: Segments;
  /** In ms. */
  readonly now: number;
}

/** A place without the point in its cell. */
type Roughly = Pick<Place, 'area'> & { readonly point?: Pick<NonNullable<Place['point']>, 'cell' | 'at'> };

/** An event as the API shows it: what was said, without the address of the device that said it. */
export type ShownEvent = Omit<HeardEvent, 'v' | 'workspace' | 'profileId' | 'context'> & {
  /** Ids that became the profile's by this event; left out where there are none. */
  readonly merged?: readonly string[];
};

/** A profile, for those who are not trusted with everything (`isTrusted`) without tokens, which are all that it takes to send, and without the very point where somebody was. */
export const shownProfile = (row: ReadProfile, { isTrusted, segments, now }: Showing): ShownProfile => ({
  id: row.profile_id,
  version: row.version,
  traits: row.traits,
  segments: row.segments,
  devices: isTrusted ? row.devices : row.devices.map((device) => ({ ...device, token: device.token && masked(device.token) })),
  addresses: shownAddresses(row, isTrusted, new Date(now)),
  consent: row.consent,
  timezone: row.timezone,
  locale: row.locale,
  place: isTrusted || row.place === null ? row.place : roughly(row.place),
  createdAt: row.created_at.toISOString(),
  mergedIds: row.identity.ids,
  refusedIds: row.identity.refused,
  groups: (row.groups?.of ?? []).map(([id, since]) => ({ id, since: new Date(since).toISOString() })),
  groupsFull: (row.groups?.of.length ?? 0) >= MAX_GROUPS,
  // Who was not held against the newest computed traits yet has not all that they count.
  ...(segments.computed.size > 0 &&
    row.revision === segments.revision && {
      computed: computedValues(segments, row.counters, { now, timezone: row.timezone }),
    }),
});

const roughly = ({ point, area }: Place): Roughly => ({
  ...(point && { point: { cell: point.cell, at: point.at } }),
  ...(area && { area }),
});

/** An event of the history. */
export function shownEvent({
  message_id: messageId,
  type,
  name,
  received_at: receivedAt,
  event,
  merged,
}: ReadEvent): ShownEvent {
  const { context: _context, ...rest } = event;
  return { messageId, type, name, ...rest, receivedAt: receivedAt.toISOString(), ...(merged.length > 0 && { merged }) };
}

/** An event of the history with what its device said of itself. */
export const wholeEvent = (row: ReadEvent): ShownEvent & Pick<HeardEvent, 'context'> => ({ ...shownEvent(row), context: row.event.context });
