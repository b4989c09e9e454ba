import type { EmailContent } from '@tidings/template';

/** An e-mail ready for any provider: links tracked, headers made. */
export interface Mail extends EmailContent {
  /** The same in every attempt: a mailbox that gets the message twice can tell. */
  readonly messageIdHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the provider's reports about the message: opaque, and the only thing that goes with it. */
  readonly reference: string;
}
