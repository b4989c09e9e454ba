import { counter, gauge, histogram } from '@tidings/service';
import type { Account } from './accounts.js';
import type { SendResult } from './provider.js';

/** The service level: recorded once per accepted message. */
export const eventToProvider = histogram('tidings_event_to_provider_seconds', 'From the receipt of the event to the acceptance by the provider.');
/** One per answer of a provider. */
export const providerRequests = counter('tidings_provider_requests_total', 'Calls to providers by the class of the answer.');
/** One per call, however many messages it took. */
export const providerSeconds = histogram('tidings_provider_seconds', 'How long a call to a provider took.');
/** One per recorded attempt. */
export const attempts = counter('tidings_attempts_total', 'Attempts by what became of them.');
/** One per attempt that may have reached the provider without our knowing. */
export const ambiguous = counter('tidings_ambiguous_total', 'Attempts of which we do not know whether the provider has the message.');
/** One per message that was asked for again and not sent again. */
export const duplicates = counter('tidings_dedup_hits_total', 'Messages that were asked for again after they were done.');
/** One per message withheld at the last look. */
export const suppressed = counter('tidings_suppressed_total', 'Messages that were withheld and runs that were refused, by reason.');

/** The answers as classes, few and the same for every provider. */
export const codeClass: Readonly<Record<SendResult['kind'], string>> = {
  accepted: '2xx',
  'bad-address': 'bad-address',
  rejected: 'rejected',
  busy: 'busy',
  throttled: '429',
  unavailable: '5xx',
  misconfigured: 'misconfigured',
  unknown: 'none',
};

const inflight = new Map<string, number>();
const overdue = new Map<string, number>();
const accounts = new Set<{ readonly channel: string; readonly of: () => readonly Account<never>[] }>();

gauge('tidings_inflight', 'Calls to providers that are not answered yet.', () => [...inflight].map(([channel, value]) => ({ value, labels: { channel } })));
gauge('tidings_scheduler_overdue_seconds', 'How late a scheduler was with what it last took on.', () => [...overdue].map(([scheduler, value]) => ({ value, labels: { scheduler } })));
gauge('tidings_breaker_state', 'Provider accounts whose gate is closed.', () =>
  [...accounts].map(({ channel, of }) => ({ value: of().filter(({ gate }) => gate.closedForMs() > 0).length, labels: { channel } })),
);

/** Counts calls of a channel that are under way. */
export const countInflight = (channel: string, by: number): unknown => inflight.set(channel, (inflight.get(channel) ?? 0) + by);

/** Sets how late a scheduler was when it last looked. */
export const setOverdue = (scheduler: string, seconds: number): unknown => overdue.set(scheduler, seconds);

/** Has the gates of these accounts shown as `tidings_breaker_state`. */
export const watchGates = (channel: string, of: () => readonly Account<never>[]): unknown => accounts.add({ channel, of });
