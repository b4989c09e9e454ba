import Type, { type Static } from 'typebox';
import { lanes, type Lane } from '@tidings/contracts';

/** The settings that every dispatcher has beside those of every service. */
export const dispatchEnv = {
  /** Calls to a provider account at a time, per lane and replica. */
  PROVIDER_CONCURRENCY: Type.Integer({ default: 64, minimum: 1, maximum: 1_000 }),
  /** Calls that one message is worth. What a provider as a whole puts off is not counted; a message's expiry ends it in any case. */
  MAX_ATTEMPTS: Type.Integer({ default: 8, minimum: 1, maximum: 100 }),
  /** Lanes in which nothing is sent again that a provider may have already. */
  AT_MOST_ONCE_LANES: Type.String({
    default: '',
    pattern: `^$|^(${lanes.join('|')})(,(${lanes.join('|')}))*$`,
    description: `lanes joined by commas, out of ${lanes.join(', ')}`,
  }),
  /** Messages within 30 days that meet a full mailbox, or bounce softly, before the address is suppressed. */
  SOFT_BOUNCE_LIMIT: Type.Integer({ default: 5, minimum: 1, maximum: 1_000 }),
  RETRY_POLL_MS: Type.Integer({ default: 500, minimum: 10, maximum: 60_000 }),
} as const;

/** The settings of a dispatcher as they were read. */
export type DispatchConfig = Static<Type.TObject<typeof dispatchEnv>> & { readonly MASTER_KEY: string; readonly PUBLIC_URL: string };

/** What the settings mean to a channel's dispatcher. */
export const dispatchSettings = (config: DispatchConfig) => ({
  masterKey: config.MASTER_KEY,
  concurrency: config.PROVIDER_CONCURRENCY,
  maxAttempts: config.MAX_ATTEMPTS,
  atMostOnceLanes: config.AT_MOST_ONCE_LANES.split(',').filter((lane): lane is Lane => lane !== ''),
  softBounceLimit: config.SOFT_BOUNCE_LIMIT,
  retryPollMs: config.RETRY_POLL_MS,
});
