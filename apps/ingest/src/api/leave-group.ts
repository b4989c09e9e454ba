import type { AcceptedEvent } from '@tidings/contracts';
import { eventFault } from '../accept/event-fault.js';
import { identityOfProfile } from '../accept/profile-id.js';
import { readId, required } from '../accept/read-fields.js';
import { Refusal } from '../accept/refusal.js';

/** Who is to leave which group, as the path of a call says it. */
export interface Leaving {
  readonly workspace: string;
  readonly groupId: string;
  readonly profileId: string;
  readonly messageId: string;
  readonly now: Date;
}

/** That somebody left a group, as an event of type `group`, or the part of the path at fault. No call of Segment says it. */
export function leaveGroupEvent({ workspace, messageId, now, ...path }: Leaving): AcceptedEvent | Refusal {
  const raw = { groupId: path.groupId, profileId: path.profileId };
  const fault = eventFault(raw);
  if (fault) return fault;
  const groupId = required(readId(raw, 'groupId'), 'groupId');
  if (groupId instanceof Refusal) return groupId;
  const profileId = required(readId(raw, 'profileId'), 'profileId');
  if (profileId instanceof Refusal) return profileId;
  const identity = identityOfProfile(profileId);
  if (identity.anonymousId === '') return new Refusal('profileId', 'names no profile');
  return {
    v: 1, workspace, ...identity, messageId, type: 'group', name: 'group', properties: { groupId, left: true }, traits: {}, context: {},
    timestamp: now.toISOString(), receivedAt: now.toISOString(), source: 'api',
  }; // prettier-ignore
}
