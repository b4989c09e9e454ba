import Type, { type Static } from 'typebox';
import { Id, Instant } from '../shapes.js';
import { topic } from '../topic.js';
import { isAnonymousId, anonymousPrefix, type AcceptedEvent } from './accepted-event.js';

/** The stores that hold something of a person, in the order in which they let go of it. */
export const erasureStores = [
  'segmentation',
  'orchestrator',
  'dispatcher-push',
  'dispatcher-email',
  'analytics',
  'api',
] as const;

/**
 * One step of an erasure: it was asked for, or one store has let go of the person. Segmentation knows all ids of the person
 * and begins; the orchestrator, which makes messages, is second; the others follow it.
 */
export const ErasureStep = Type.Object({
  v: Type.Literal(1),
  workspace: Id,
  erasureId: Id,
  /** Which store has let go; null when the erasure was asked for. */
  store: Type.Union([Type.String(), Type.Null()]),
  /** Every id of the person that is known at this step. */
  ids: Type.Array(Id, { minItems: 1 }),
  /** What was received later is of a new profile. */
  requestedAt: Instant,
  /** When the step was done: what this store made of the person is from before. */
  at: Instant,
  /** Rows that were deleted or emptied. */
  rows: Type.Integer({ minimum: 0 }),
});
export type ErasureStep = Static<typeof ErasureStep>;

/** How far erasures have come: the receipts of the stores. */
export const erasures = topic({
  name: 'erasures',
  description: 'Erasures of persons: asked for, then a receipt of each store that has let go of the person.',
  schema: ErasureStep,
  key: ({ workspace, erasureId }) => `${workspace}:${erasureId}`,
});

/** Whom to erase. */
export interface ErasureAsked {
  readonly workspace: string;
  /** Any id of the person. */
  readonly profileId: string;
  readonly erasureId: string;
  readonly now: Date;
}

/** An erasure as it begins: the step that makes it known, and the event that segmentation acts upon, in this order. */
export function erasureOf({ workspace, profileId, erasureId, now }: ErasureAsked): {
  readonly step: ErasureStep;
  readonly event: AcceptedEvent;
} {
  const at = now.toISOString();
  const isAnonymous = isAnonymousId(profileId);
  return {
    step: { v: 1, workspace, erasureId, store: null, ids: [profileId], requestedAt: at, at, rows: 0 },
    event: {
      v: 1,
      workspace,
      profileId,
      messageId: erasureId,
      type: 'erase',
      name: 'erase',
      userId: isAnonymous ? null : profileId,
      anonymousId: isAnonymous ? profileId.slice(anonymousPrefix.length) : null,
      properties: {},
      traits: {},
      context: {},
      timestamp: at,
      receivedAt: at,
      source: 'api',
    },
  };
}
