import type { AcceptedEvent, Values } from '@tidings/contracts';
import { applyTraits } from './apply-traits.js';
import { happenedAt } from './happened-at.js';
import type { TraitTimes } from './trait-times.js';

/** A group (an account, a company, a team) as it is known. */
export interface GroupState {
  readonly id: string;
  /** Rises whenever a trait changes; 0 while none ever did. */
  readonly version: number;
  readonly traits: Values;
  readonly traitTimes: TraitTimes;
  /** How long the traits are as JSON. */
  readonly length: number;
  /** When the event that changed a trait last was received, in ms. */
  readonly changedAt: number;
  readonly createdAt: string;
}

/** A group of which nothing is known but that somebody belongs to it. */
export const newGroup = (id: string, createdAt: string): GroupState => ({
  id,
  version: 0,
  traits: {},
  traitTimes: { latest: 0, other: {} },
  length: 2,
  changedAt: 0,
  createdAt,
});

/** A group after a call, the names of the traits that changed, and whether some were not taken for lack of room. */
export interface AppliedGroup {
  readonly group: GroupState;
  readonly changed: readonly string[];
  readonly full: boolean;
}

/** What a call of `group` makes of its group: by the rules for a profile's traits, whoever of its members it came with. */
export function applyGroup(before: GroupState, event: AcceptedEvent): AppliedGroup {
  const { profile: group, changed, full } = applyTraits(before, groupTraits(event), happenedAt(event));
  if (changed.length === 0) return { group, changed, full };
  const changedAt = Math.max(before.changedAt, Date.parse(event.receivedAt));
  const { length } = JSON.stringify(group.traits);
  return { group: { ...group, version: before.version + 1, length, changedAt }, changed, full };
}

/** The group that a call is about; null when it is about none. */
export function groupIdOf({ type, properties }: AcceptedEvent): string | null {
  const id = type === 'group' && Object.hasOwn(properties, 'groupId') ? properties['groupId'] : null;
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH ? id : null;
}

/** Whether a call ends somebody's belonging to its group. */
export const isLeaving = ({ properties }: AcceptedEvent): boolean =>
  Object.hasOwn(properties, 'left') && properties['left'] === true;

/** What a call says of the person, and not of the group. */
export const personalTraits = (event: AcceptedEvent): Values =>
  event.type !== 'group' || saysTraits(event.properties) ? event.traits : {};

const MAX_ID_LENGTH = 255;

/** A call keeps the group's traits apart from the person's; one that does not has only the group's. */
const groupTraits = ({ properties, traits }: AcceptedEvent): Values =>
  saysTraits(properties) ? properties.traits : traits;

const saysTraits = (properties: Values): properties is Values & { readonly traits: Values } => {
  const traits = Object.hasOwn(properties, 'traits') ? properties['traits'] : null;
  return typeof traits === 'object' && traits !== null && !Array.isArray(traits);
};
