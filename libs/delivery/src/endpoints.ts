import type { Channel, Endpoint, Profile, Values } from '@tidings/contracts';

/** Where a channel reaches a profile, and why nowhere if so, in counts and words that tell nobody's address. */
export interface Reach {
  readonly endpoints: readonly Endpoint[];
  readonly values: Values;
}

/** Every endpoint of a profile on a channel: all its devices that have a token, or its one mailbox. */
export function endpointsOf(profile: Profile, channel: Channel): Reach {
  switch (channel) {
    case 'push':
      return devicesOf(profile);
    case 'email':
      return mailboxOf(profile);
  }
}

/** Two devices with one token are one phone that was set up again: the one seen last is it. */
function devicesOf({ devices }: Profile): Reach {
  const byToken = new Map<string, Endpoint>();
  for (const { id, token } of devices.toSorted((a, b) => (a.seenAt < b.seenAt ? -1 : 1))) {
    if (token) byToken.set(token, { id, address: token });
  }
  return { endpoints: [...byToken.values()], values: { devices: devices.length, withToken: byToken.size } };
}

/** One address and no more: nothing that a mail server would read as a list, a name or a header. */
const mailbox = /^[^\s@,;:<>()[\]"\p{Cc}]{1,64}@[^\s@.,;:<>()[\]"\p{Cc}]+(?:\.[^\s@.,;:<>()[\]"\p{Cc}]+)+$/u;
const MAX_MAILBOX_LENGTH = 254;

function mailboxOf({ traits }: Profile): Reach {
  const email = Object.hasOwn(traits, 'email') ? traits['email'] : undefined;
  if (email === undefined || email === null) return { endpoints: [], values: { email: 'absent' } };
  const address = typeof email === 'string' ? email.trim() : '';
  if (address.length > MAX_MAILBOX_LENGTH || !mailbox.test(address))
    return { endpoints: [], values: { email: 'unusable' } };
  return { endpoints: [{ id: 'email', address }], values: { email: 'present' } };
}
