import Type, { type Static } from 'typebox';

const pattern = '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2}))?$';

/** A date such as `2026-03-10`, or an instant such as `2026-03-10T09:00:00Z` with `Z` or an offset. */
export const Moment = Type.String({ pattern });
export type Moment = Static<typeof Moment>;

/** The pattern of a moment, and the same for people. */
export const momentPattern = {
  pattern,
  words: 'must be a date such as 2026-03-10, or an instant such as 2026-03-10T09:00:00Z',
} as const;
