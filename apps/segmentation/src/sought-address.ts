import { ChatKind, readMailbox } from '@tidings/contracts';
import { countryNamed, readPhone } from '@tidings/profile';
import { chatAddress, nameOfAddress } from './address-name.js';

/** What a search for people by an address asks; at most one of them beside `country`. */
export interface AddressQuery {
  readonly email?: string;
  readonly phone?: string;
  /** In which country the number is dialled, where it has no country code. */
  readonly country?: string;
  readonly deviceToken?: string;
  readonly webPush?: string;
  readonly chat?: string;
}

/** The name of the address that is sought, that none is, or what is wrong with the question. */
export type SoughtAddress =
  | { readonly kind: 'none' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'refused'; readonly field: string; readonly message: string };

const readers = { email: byEmail, phone: byPhone, deviceToken: byToken, webPush: byEndpoint, chat: byChat } as const;
const fields = Object.keys(readers) as readonly (keyof typeof readers)[];

/** Reads an address as somebody spells it into the name that profiles are found by. */
export function soughtAddress(query: AddressQuery): SoughtAddress {
  const given = fields.filter((field) => query[field] !== undefined);
  const [field] = given;
  if (field === undefined) return { kind: 'none' };
  if (given.length > 1) return refused(given[1] ?? field, `cannot be asked together with ${field}`);
  const text: unknown = query[field];
  // A name that stands twice in the query is a list.
  if (typeof text !== 'string' || text === '') return refused(field, 'must be one text');
  return readers[field](text, query);
}

function byEmail(text: string): SoughtAddress {
  const mailbox = readMailbox(text);
  return mailbox.kind === 'valid' ? name('email', mailbox.address) : refused('email', 'must be an e-mail address');
}

function byPhone(text: string, { country }: AddressQuery): SoughtAddress {
  const dialled = country === undefined ? null : countryNamed(country);
  if (country !== undefined && dialled === null) return refused('country', 'must be an ISO 3166 code of two letters');
  // A plus that nobody encoded comes as a blank.
  const number = readPhone(text.replace(/^ (?=\d)/, '+'), dialled);
  if (number.kind === 'valid') return name('phone', number.e164);
  const hint = number.reason === 'no-country' ? ' with its country code, or with country beside it' : ` (${number.reason})`;
  return refused('phone', `must be a phone number${hint}`);
}

function byToken(text: string): SoughtAddress {
  return name('device', text);
}

function byEndpoint(text: string): SoughtAddress {
  return name('web-push', text);
}

function byChat(text: string): SoughtAddress {
  const [service = '', ...rest] = text.split(':');
  const kind = ChatKind.enum.find((each) => each === service);
  const id = rest.join(':');
  if (kind === undefined || id === '') return refused('chat', `must be one of ${ChatKind.enum.join(', ')}, a colon and an id`);
  return name('chat', chatAddress(kind, id));
}

const name = (...of: Parameters<typeof nameOfAddress>): SoughtAddress => ({ kind: 'name', name: nameOfAddress(...of) });
const refused = (field: string, message: string): SoughtAddress => ({ kind: 'refused', field, message });
