import { beginSpan, logger } from '@tidings/service';
import type { Attempt } from './attempt.js';
import { codeClass, eventToProvider, providerRequests, providerSeconds } from './dispatch-metrics.js';
import type { SendResult } from './provider.js';

const log = logger('dispatch');

/** Begins a span per message, within the message's own trace; the answer ends them and is measured and logged. */
export function beginCalls(provider: string, attempts: readonly Attempt[]): (results: readonly SendResult[]) => void {
  const began = performance.now();
  const spans = attempts.map(({ send: { request, traceparent } }) =>
    beginSpan(`send ${request.channel}`, { parent: traceparent, kind: 'client', attributes: { 'tidings.provider': provider, 'tidings.message_id': request.messageId } }),
  );
  return (results) => {
    const now = Date.now();
    providerSeconds.record((performance.now() - began) / 1000, { provider });
    results.forEach((result, index) => {
      spans[index]?.end({ 'tidings.result': result.kind });
      const attempt = attempts[index];
      if (attempt) observe(provider, attempt, result, now);
    });
  };
}

function observe(provider: string, { send: { request }, number }: Attempt, result: SendResult, now: number): void {
  const { channel, lane, workspace, messageId } = request;
  providerRequests.add(1, { provider, code_class: codeClass[result.kind] });
  if (result.kind === 'accepted') return eventToProvider.record((now - Date.parse(request.causedAt)) / 1000, { channel, lane });
  const fields = { provider, workspace, messageId, attempt: number, outcome: result.kind, detail: withoutAddresses(result) };
  if (result.kind === 'misconfigured') log.error(fields, 'the provider account is set up wrongly: its messages wait');
  else log.warn(fields, 'the provider did not accept a message');
}

/** Providers like to quote addresses and tokens; the ledger has the full text. */
function withoutAddresses(result: SendResult): string | null {
  if (!('detail' in result)) return null;
  return result.detail.replace(/\S+@\S+/g, '[address]').replace(/[\w:-]{40,}/g, '[token]').slice(0, 200);
}
