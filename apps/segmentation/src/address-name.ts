import { hash } from 'node:crypto';
import { readMailbox, type ChatKind } from '@tidings/contracts';
import { contactsOf, countryOf, isThere, readPhone, type AddressKind, type ProfileState } from '@tidings/profile';

/** What a search for an address compares: 128 bits of a hash, since an endpoint may be longer than an index entry. */
export const nameOfAddress = (kind: AddressKind, address: string): string =>
  hash('sha256', `${kind} ${kind === 'email' ? address.toLowerCase() : address}`, 'base64url').slice(0, 22);

/** How a chat is called among addresses. */
export const chatAddress = (kind: ChatKind, id: string): string => `${kind}:${id}`;

type Reached = Pick<ProfileState, 'traits' | 'devices' | 'addresses' | 'locale' | 'place'>;

/** The names of the addresses that a profile is found by: all that are well formed. */
export function addressNames(profile: Reached): ReadonlySet<string> {
  const { email, phone } = contactsOf(profile);
  const mailbox = readMailbox(email);
  const number = phone === undefined ? null : readPhone(phone, countryOf(profile));
  return new Set([
    ...(mailbox.kind === 'valid' ? [nameOfAddress('email', mailbox.address)] : []),
    ...(number?.kind === 'valid' ? [nameOfAddress('phone', number.e164)] : []),
    ...profile.devices.flatMap(({ token }) => (token === null ? [] : [nameOfAddress('device', token)])),
    ...profile.addresses.filter(isThere).map(({ kind, address }) => nameOfAddress(kind, address)),
  ]);
}

/** Whether the names must be the same, by what they are made of: said of nearly every event, so nothing is read or hashed for it. */
export const isReachedAlike = (a: Reached, b: Reached): boolean =>
  a.addresses === b.addresses && hasSameTokens(a, b) && hasSameContacts(a, b);

function hasSameContacts(a: Reached, b: Reached): boolean {
  const [one, other] = [contactsOf(a), contactsOf(b)];
  if (one.email !== other.email || one.phone !== other.phone) return false;
  return one.phone === undefined || countryOf(a) === countryOf(b);
}

const hasSameTokens = ({ devices: a }: Reached, { devices: b }: Reached): boolean =>
  a === b || (a.length === b.length && a.every(({ token }, index) => token === b[index]?.token));
