import type { ApiClient } from '../api-client.js';
import { print, printJson } from '../print.js';
import { CommandFailed } from '../usage-error.js';

interface Reconciliation {
  readonly accepted: number;
  readonly sent: number;
  readonly withheld: number;
  readonly inFlight: number;
  readonly failed: number;
  readonly difference: number;
}

/** Asks a running installation whether it answers, whether its numbers add up and whether dead letters wait. */
export async function doctor(api: ApiClient, json: boolean): Promise<void> {
  const [definitions, reconciliation, letters] = await Promise.all([
    api.list<object>('/api/v1/definitions', {}, 10_000),
    api.get<Reconciliation>('/api/v1/analytics/reconciliation'),
    api.list<object>('/api/v1/dead-letters', { state: 'waiting' }, 1000),
  ]);
  const healthy = reconciliation.difference === 0;
  if (json) printJson({ healthy, definitions: definitions.length, reconciliation, deadLetters: letters.length });
  else {
    print(`definitions   ${definitions.length} published`);
    print(`dead letters  ${letters.length} waiting`);
    const { accepted, sent, withheld, inFlight, failed, difference } = reconciliation;
    print(`messages      ${accepted} accepted = ${sent} sent + ${withheld} withheld + ${inFlight} in flight + ${failed} failed; difference ${difference}`);
  }
  if (!healthy) throw new CommandFailed('the numbers of messages do not add up');
}
