/** One address and no more: nothing that a mail server would read as a list, a name or a header. */
const mailbox = /^[^\s@,;:<>()[\]"\p{Cc}]{1,64}@[^\s@.,;:<>()[\]"\p{Cc}]+(?:\.[^\s@.,;:<>()[\]"\p{Cc}]+)+$/u;
const MAX_MAILBOX_LENGTH = 254;

/** An e-mail address as mail can be sent to it, or why it cannot. Only its form is looked at, nobody is asked whether it exists. */
export type ReadMailbox =
  | { readonly kind: 'valid'; readonly address: string }
  | { readonly kind: 'invalid'; readonly reason: 'not-a-text' | 'too-long' | 'not-an-address' };

/** Reads what somebody gave as an e-mail address; blanks around it do not count. */
export function readMailbox(given: unknown): ReadMailbox {
  if (typeof given !== 'string') return { kind: 'invalid', reason: 'not-a-text' };
  const address = given.trim();
  if (address.length > MAX_MAILBOX_LENGTH) return { kind: 'invalid', reason: 'too-long' };
  return mailbox.test(address) ? { kind: 'valid', address } : { kind: 'invalid', reason: 'not-an-address' };
}
