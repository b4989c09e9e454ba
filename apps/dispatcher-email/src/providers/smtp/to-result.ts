import type { SendResult } from '@tidings/dispatch';

/** What went wrong with a mail, as nodemailer reports it. */
export interface SmtpFailure {
  /** nodemailer's code, such as `EENVELOPE`. */
  readonly code: string | null;
  /** Whether anything of the mail's text had gone out: then the reply to its end may have been lost. */
  readonly textBegan: boolean;
  readonly responseCode: number | null;
  readonly response: string | null;
  readonly message: string;
}

/**
 * RFC 5321 by the code, RFC 3463 by the enhanced code. Only an enhanced code that speaks of the recipient's mailbox
 * suppresses it: a bare 550 may be a policy, and 5.7.x always is. X.2.2, a mailbox that is full, only counts towards it.
 */
export function toResult(failure: SmtpFailure): SendResult {
  const { responseCode, response, message } = failure;
  const detail = response ?? message;
  if (isAccount(failure)) return { kind: 'misconfigured', detail, scope: 'provider' };
  // 421 is said at any time, also by a server that shuts down just after it took the mail.
  if (responseCode === null || responseCode === 421) return withoutReply(failure);
  const code = enhancedCode(response);
  const mailboxFull = code === '4.2.2' || code === '5.2.2';
  if (responseCode < 500) return { kind: 'busy', retryAfterMs: null, detail, ...(mailboxFull && { mailboxFull }) };
  return isDeadMailbox(code) ? { kind: 'bad-address', detail } : { kind: 'rejected', detail, ...(mailboxFull && { mailboxFull }) };
}

/** The enhanced code in a reply, as `5.1.1`; null when there is none. */
function enhancedCode(response: string | null): string | null {
  return /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1] ?? null;
}

/** 5.1.x is the recipient's address, except for those that blame the sender's; 5.2.1 is a mailbox shut for good. */
function isDeadMailbox(code: string | null): boolean {
  if (code === '5.1.7' || code === '5.1.8') return false;
  return code === '5.2.1' || (code?.startsWith('5.1.') ?? false);
}

const accountCodes = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2', 'ETLS', 'ECONFIG']);

/** The server does not let us in at all: no message is to blame. */
const isAccount = ({ code, responseCode }: SmtpFailure): boolean =>
  (code !== null && accountCodes.has(code)) || (responseCode !== null && [530, 534, 535, 538].includes(responseCode));

/** Before the mail's text began nothing is in doubt; after it, the server may have the mail. */
function withoutReply({ code, responseCode, textBegan, message }: SmtpFailure): SendResult {
  const refusedByUs = responseCode === null && (code === 'EENVELOPE' || code === 'EMESSAGE');
  if (refusedByUs) return { kind: 'rejected', detail: message };
  return textBegan ? { kind: 'unknown', detail: message } : { kind: 'unavailable', retryAfterMs: null, detail: message };
}
