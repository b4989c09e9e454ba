import { readMailbox, type Device } from '@tidings/contracts';
import { countryOf, readPhone, type Dialling } from './phone.js';
import type { ProfileState } from './profile-state.js';
import { isThere, type ToldAddress } from './told-address.js';
import { saidAt, timeOf } from './trait-times.js';

/** Where a person can be reached, by what it takes to reach them there. */
export type AddressKind = 'email' | 'phone' | 'device' | 'web-push' | 'chat';

/** One way to reach a person; nothing is sent to one that is not valid. */
export interface Address {
  readonly kind: AddressKind;
  /** As it is sent to where it is valid (a phone number in E.164), else as it was given; null where that was no text. */
  readonly address: string | null;
  readonly validity: 'valid' | 'invalid';
  /** Why it is not valid. */
  readonly reason: string | null;
  /** In ms; null where only the last time is kept. */
  readonly firstSeen: number | null;
  readonly lastSeen: number;
  /** What else is known of a device, or of a subscription. */
  readonly device?: Device;
  readonly told?: ToldAddress;
}

/** What of a profile says where the person can be reached. */
export type Reachable = Dialling & Pick<ProfileState, 'traits' | 'traitTimes' | 'devices' | 'addresses'>;

/**
 * Where a person can be reached: the traits `email` and `phone`, devices that have a token, subscriptions to web push, chats. Validity is
 * what can be told by looking at it at `now`; what providers said of an address is known to the dispatchers, which suppress it.
 */
export function addressesOf(person: Reachable, now: Date): readonly Address[] {
  return [...fromTraits(person), ...person.devices.flatMap(ofDevice), ...person.addresses.filter(isThere).map((told) => ofTold(told, now))];
}

function fromTraits(person: Reachable): readonly Address[] {
  const { email, phone } = contactsOf(person);
  const found: Address[] = [];
  if (email !== undefined) {
    const mailbox = readMailbox(email);
    const read = mailbox.kind === 'valid' ? valid(mailbox.address) : invalid(email, mailbox.reason);
    found.push({ kind: 'email', ...read, ...seenOf(person, 'email') });
  }
  if (phone !== undefined) {
    const number = readPhone(phone, countryOf(person));
    const read = number.kind === 'valid' ? valid(number.e164) : invalid(phone, number.reason);
    found.push({ kind: 'phone', ...read, ...seenOf(person, 'phone') });
  }
  return found;
}

/** The traits that say an address; undefined where they are not set. */
export const contactsOf = ({ traits }: Pick<ProfileState, 'traits'>): { readonly email: unknown; readonly phone: unknown } => ({
  email: Object.hasOwn(traits, 'email') ? traits['email'] : undefined,
  phone: Object.hasOwn(traits, 'phone') ? traits['phone'] : undefined,
});

type Read = Pick<Address, 'address' | 'validity' | 'reason'>;

const valid = (address: string): Read => ({ address, validity: 'valid', reason: null });

const invalid = (given: unknown, reason: string): Read => ({
  address: typeof given === 'string' ? given : null,
  validity: 'invalid',
  reason,
});

const seenOf = ({ traitTimes }: Reachable, name: string): Pick<Address, 'firstSeen' | 'lastSeen'> => ({
  firstSeen: null,
  lastSeen: saidAt(timeOf(traitTimes, name, true)),
});

function ofDevice(device: Device): readonly Address[] {
  if (device.token === null) return [];
  return [{ kind: 'device', ...valid(device.token), firstSeen: null, lastSeen: Date.parse(device.seenAt), device }];
}

function ofTold(told: ToldAddress, now: Date): Address {
  const isOver = told.expiresAt !== undefined && Date.parse(told.expiresAt) <= now.getTime();
  const read = isOver ? invalid(told.address, 'expired') : valid(told.address);
  return { kind: told.kind, ...read, firstSeen: told.firstSeen, lastSeen: told.lastSeen ?? 0, told };
}
