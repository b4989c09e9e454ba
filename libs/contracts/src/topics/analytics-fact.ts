import Type, { type Static } from 'typebox';
import { Id, Instant } from '../shapes.js';
import { profileKey, topic } from '../topic.js';

/** What a fact tells. */
export const FactKind = Type.Enum([
  'event.accepted',
  'segment.entered',
  'segment.left',
  'run.started',
  'run.step',
  'run.ended',
  'message.decided',
  'message.withheld',
  'message.sent',
  'message.delivered',
  'message.opened',
  'message.clicked',
  'message.failed',
  'message.converted',
]);
export type FactKind = Static<typeof FactKind>;

const Text = Type.Union([Type.String(), Type.Null()]);

/**
 * One flat row for an analyst. Every fact has every column; those that do not apply are null.
 * A fact may arrive twice after a crash: `factId` is the same both times.
 */
export const AnalyticsFact = Type.Object({
  schemaVersion: Type.Literal(1),
  factId: Type.String({ format: 'uuid' }),
  fact: FactKind,
  at: Instant,
  workspace: Id,
  profileId: Id,
  eventId: Text,
  eventName: Text,
  segment: Text,
  journey: Text,
  journeyVersion: Type.Union([Type.Integer(), Type.Null()]),
  runId: Text,
  step: Text,
  messageId: Text,
  channel: Text,
  lane: Text,
  provider: Text,
  /** The rule or reason that decided: `no-consent`, `bad-address`, `completed`, ...; of a segment `backfill` when publishing it was the cause. */
  reason: Text,
});
export type AnalyticsFact = Static<typeof AnalyticsFact>;

/** The public topic of outcomes; opaque ids only, no personal data. */
export const analyticsFacts = topic({
  name: 'analytics.facts',
  description: 'Public: flat, versioned facts for analysts. Fields are only ever added within a schema version.',
  schema: AnalyticsFact,
  key: profileKey,
  retentionDays: 90,
});
