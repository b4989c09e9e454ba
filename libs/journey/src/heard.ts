import type { Cause } from '@tidings/contracts';

/** The highest position heard from each source. A replay names the same causes again, and they are not higher. */
export type Heard = Readonly<Record<string, number>>;

/** Whether this cause, or a later one of its source, was heard before. */
export const hasHeard = (heard: Heard, { source, position }: Cause): boolean =>
  Object.hasOwn(heard, source) && position <= (heard[source] ?? -1);

/** What has been heard once this cause has been. */
export const withCause = (heard: Heard, { source, position }: Cause): Heard => ({ ...heard, [source]: position });
