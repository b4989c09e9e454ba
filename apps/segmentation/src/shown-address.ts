import { consentTo, type ConsentAnswer, type WebPushKeys } from '@tidings/contracts';
import { addressesOf, type Address, type AddressKind } from '@tidings/profile';
import type { ReadProfile } from './profile-reading.store.js';

/** A way to reach somebody as the API shows it. */
export interface ShownAddress extends Pick<Address, 'kind' | 'address' | 'validity' | 'reason'> {
  /** The channel whose consent holds for it. */
  readonly channel: string;
  readonly consent: ConsentAnswer;
  /** Null where only the last time is kept. */
  readonly firstSeen: string | null;
  readonly lastSeen: string;
  /** The id of the device, of a token. */
  readonly device?: string;
  /** Of a subscription to web push: what it takes to encrypt for it, for those who may have tokens, and when the browser lets go of it. */
  readonly keys?: WebPushKeys;
  readonly expiresAt?: string;
}

const channelOf: Readonly<Record<AddressKind, string>> = { email: 'email', phone: 'sms', device: 'push', 'web-push': 'push', chat: 'chat' };

/** Where a person can be reached at `now`, without tokens and keys for those who are not trusted with them. */
export function shownAddresses(row: ReadProfile, isTrusted: boolean, now: Date): readonly ShownAddress[] {
  const { traits, devices, locale, place, times } = row;
  const person = { traits, traitTimes: times.traits, devices, addresses: row.addresses ?? [], locale, place };
  return addressesOf(person, now).map((each): ShownAddress => {
    const channel = channelOf[each.kind];
    return {
      kind: each.kind,
      channel,
      address: isTrusted ? each.address : withoutToken(each),
      validity: each.validity,
      reason: each.reason,
      consent: consentTo(channel, row.consent),
      firstSeen: each.firstSeen === null ? null : new Date(each.firstSeen).toISOString(),
      lastSeen: new Date(each.lastSeen).toISOString(),
      ...(each.device && { device: each.device.id }),
      ...(isTrusted && each.told?.keys && { keys: each.told.keys }),
      ...(each.told?.expiresAt !== undefined && { expiresAt: each.told.expiresAt }),
    };
  });
}

function withoutToken({ kind, address }: Address): string | null {
  if (address === null) return null;
  if (kind === 'device') return masked(address);
  return kind === 'web-push' ? `${new URL(address).origin}/${masked(address)}` : address;
}

/** Enough to tell two tokens apart, too little to use one. */
export const masked = (token: string): string => (token.length > 12 ? `***${token.slice(-4)}` : '***');
