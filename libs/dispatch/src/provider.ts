import type { Endpoint, SendRequested } from '@tidings/contracts';

/** One try at one message for one endpoint, rendered. */
export interface ProviderRequest<Content> {
  readonly send: SendRequested;
  readonly endpoint: Endpoint;
  readonly content: Content;
  /** 1 for the first call; a later call carries the same ids, so that the recipient sees one message. */
  readonly attempt: number;
}

/**
 * One account at a provider of one channel. An adapter turns rendered messages into the provider's calls and the
 * provider's answers into ours. It holds no policy: not whether to send, nor when to try again.
 */
export interface Provider<Content> {
  /** As metrics and receipts name it: the kind of provider, never the account. */
  readonly name: string;
  /** Whether the provider drops a second call with the same message id. Decides what is done after a crash. */
  readonly idempotent: boolean;
  /** How many messages one `send` takes at most; 1 where the provider's API takes one. */
  readonly groupSize: number;
  /** The answers, in the order of the requests. Never rejects; a call takes no longer than the adapter's time-out. */
  send(requests: readonly ProviderRequest<Content>[]): Promise<readonly SendResult[]>;
  /** Lets go of connections once calls in hand are answered. */
  close(): Promise<void>;
}

/** What a provider's answer means for the message and for the lane. `detail` may quote the provider; it stays in Postgres. */
export type SendResult =
  /** The provider has it. `pauseMs`: it has said that it takes nothing more until then. */
  | { readonly kind: 'accepted'; readonly providerId: string | null; readonly pauseMs?: number }
  /** This address will never work: it is suppressed. */
  | { readonly kind: 'bad-address'; readonly detail: string }
  /** This message will never work: a person has to look. `mailboxFull`: it is the mailbox's fault, and counts towards suppressing it. */
  | { readonly kind: 'rejected'; readonly detail: string; readonly mailboxFull?: boolean }
  /** Not this message now; others go on. Counts as an attempt. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number | null; readonly detail: string; readonly mailboxFull?: boolean }
  /** Too much for the account: nothing more to it before then. Counts as no attempt. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | null }
  /** The provider is in trouble and does not have the message. Counts as no attempt. */
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number | null; readonly detail: string }
  /** Our account is set up wrongly: for all messages, or (`some-addresses`) for those of a kind, such as iOS devices. */
  | { readonly kind: 'misconfigured'; readonly detail: string; readonly scope: 'provider' | 'some-addresses' }
  /** No answer came: the provider may have the message or not. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** What an adapter is made from: the account as published, its credentials opened. */
export interface ProviderAccount {
  readonly workspace: string;
  readonly id: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** As they were handed in, null when the account has none. */
  readonly credentials: unknown;
}

/** Makes the adapter of one kind of provider for an account; throws a sentence about what the account lacks. */
export type Adapter<Content> = (account: ProviderAccount) => Provider<Content>;

/** The text under a name in a provider's settings or credentials, or null. */
export function textSetting(from: unknown, name: string): string | null {
  if (typeof from !== 'object' || from === null || !Object.hasOwn(from, name)) return null;
  const value = (from as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The number under a name in a provider's settings, or the given one. */
export function numberSetting(from: ProviderAccount['settings'], name: string, otherwise: number): number {
  const value = from[name];
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}
