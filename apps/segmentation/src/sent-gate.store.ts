import type { Tx } from '@tidings/postgres';
import type { CounterRule } from '@tidings/segment';

/** What a transaction does with messages that were sent: writes them down, counts them from history, or both. */
export type Doing = 'writes' | 'counts' | 'writes-and-counts';

/** Many may write at once, and many may count at once, but nobody counts while somebody writes. */
const modes: Readonly<Record<Doing, string>> = {
  writes: 'row exclusive',
  counts: 'share',
  'writes-and-counts': 'share row exclusive',
};

/**
 * Until the end of the transaction, what was sent is either all in history or not there yet. Messages that no segment asks for
 * are written down without their profile's row, so its lock does not keep the two apart.
 */
export const passGate = (tx: Tx, doing: Doing): Promise<unknown> =>
  tx.query(`lock table segmentation.sent_gate in ${modes[doing]} mode`);

/** Whether any of these rules counts messages that were sent. */
export const countsSent = (rules: readonly CounterRule[]): boolean =>
  rules.some(({ sources }) => sources.some(({ heard, name }) => heard === 'message' && name === 'sent'));
