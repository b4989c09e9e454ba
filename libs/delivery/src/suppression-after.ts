import type { AcceptedEvent, SuppressionReason, Values } from '@tidings/contracts';

/** What a provider holds against an address that it dropped a message to, and what we call that. */
const dropped: ReadonlyMap<unknown, SuppressionReason> = new Map([
  ['bounced', 'hard_bounce'],
  ['complained', 'complaint'],
  ['unsubscribed', 'opt_out'],
  ['invalid', 'invalid'],
]);

/**
 * What a report about a message means for the address it went to; null when nothing. A `soft_bounce` is one of several that
 * suppress it together. Who unsubscribed takes back consent, which they can give again: that is not held against the address.
 */
export function suppressionAfter({ receipt, properties }: Pick<AcceptedEvent, 'receipt' | 'properties'>): SuppressionReason | null {
  if (receipt?.kind === 'complained') return 'complaint';
  return receipt?.kind === 'bounced' ? afterBounce(properties) : null;
}

function afterBounce({ bounce, status, because }: Values): SuppressionReason | null {
  if (bounce === 'dropped') return dropped.get(because) ?? null;
  // X.7.x is a policy: it speaks of the sender or the mail, whatever else the report says.
  if (hasStatus(status, /^[245]\.7\./)) return null;
  if (bounce === 'soft' || hasStatus(status, /^[245]\.2\.2$/)) return 'soft_bounce';
  return bounce === 'hard' ? 'hard_bounce' : null;
}

const hasStatus = (status: unknown, pattern: RegExp): boolean => typeof status === 'string' && pattern.test(status);
