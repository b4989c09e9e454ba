import type { PastOccurrence } from '@tidings/segment';

/** What something counts as: how it was heard, and under which name. */
export type Source = Pick<PastOccurrence, 'heard' | 'name'>;

/** The same in words. */
export const labelOf = ({ heard, name }: Source): string => `${heard} ${name}`;

/** Whether it may be written down while its profile's row stays as it is: receipts, listings, and messages that were sent. */
export const isSaidAside = ({ heard }: Pick<Source, 'heard'>): boolean => heard === 'message' || heard === 'listed';

/** Four bytes of a label (FNV-1a), which are written down: they never change. */
export function numberOf(label: string): number {
  let number = 0x811c9dc5 | 0;
  for (let at = 0; at < label.length; at += 1) number = Math.imul(number ^ label.charCodeAt(at), 0x01000193);
  return number;
}
