import Type, { type Static } from 'typebox';

/** An instant, ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Instant = Type.String({ format: 'date-time' });

/** An id: opaque to us, at most 255 characters. */
export const Id = Type.String({ minLength: 1, maxLength: 255 });

/** A bag of JSON values under string names: traits, properties. */
export const Values = Type.Record(Type.String(), Type.Unknown());
export type Values = Static<typeof Values>;

/** Who and what stands behind a message: the journey's version, the run in it, and the step that asked. */
export const JourneyRef = Type.Object({
  id: Id,
  version: Type.Integer({ minimum: 1 }),
  runId: Id,
  step: Id,
});
export type JourneyRef = Static<typeof JourneyRef>;
