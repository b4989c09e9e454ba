import type { AddressHash } from './address-hash.js';
import type { Settled } from './ledger-record.js';
import type { SoftBounce, SuppressedAddress } from './suppressions.store.js';

/** The address of a send that a provider said will never work. */
export function toSuppress({ attempt: { send }, outcome }: Settled, addressHash: AddressHash, at: Date): readonly SuppressedAddress[] {
  if (outcome.kind !== 'failed' || !outcome.suppress) return [];
  const { channel, workspace } = send.request;
  const [hash] = addressHash.of(channel, workspace, send.endpoint.address);
  const reason = channel === 'email' ? 'hard_bounce' : 'invalid';
  return hash === undefined ? [] : [{ workspace, hash, reason, at, actor: 'provider', note: null }];
}

/** The mailbox of a send that a provider said is full. */
export function toStrike({ attempt: { send }, outcome }: Settled, addressHash: AddressHash, at: Date): readonly SoftBounce[] {
  if ((outcome.kind !== 'failed' && outcome.kind !== 'retry') || outcome.mailboxFull !== true) return [];
  const { channel, workspace, messageId } = send.request;
  const [hash] = addressHash.of(channel, workspace, send.endpoint.address);
  return hash === undefined ? [] : [{ workspace, hash, messageId, at }];
}
