import { readMailbox, type Channel, type Endpoint, type Profile, type Values } from '@tidings/contracts';

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

function mailboxOf({ traits }: Profile): Reach {
  const email = Object.hasOwn(traits, 'email') ? traits['email'] : undefined;
  if (email === undefined || email === null) return { endpoints: [], values: { email: 'absent' } };
  const mailbox = readMailbox(email);
  if (mailbox.kind === 'invalid') return { endpoints: [], values: { email: 'unusable' } };
  return { endpoints: [{ id: 'email', address: mailbox.address }], values: { email: 'present' } };
}
