import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
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

interface Erasure {
  readonly id: string;
  readonly state: string;
}

/** Asks a running installation whether it answers, whether its numbers add up, whether dead letters wait and whether erasures are late. */
export async function doctor(api: ApiClient, { json }: Output): Promise<void> {
  const [definitions, reconciliation, letters, running] = await Promise.all([
    api.list<object>('/api/v1/definitions', {}, 10_000),
    api.get<Reconciliation>('/api/v1/analytics/reconciliation'),
    api.list<object>('/api/v1/dead-letters', { state: 'waiting' }, 1000),
    api.list<Erasure>('/api/v1/erasures', { state: 'running' }, 1000),
  ]);
  const overdue = running.filter(({ state }) => state === 'overdue').map(({ id }) => id);
  const addsUp = reconciliation.difference === 0;
  const healthy = addsUp && overdue.length === 0;
  if (json) printJson({ healthy, definitions: definitions.length, reconciliation, deadLetters: letters.length, erasures: { running: running.length, overdue } });
  else {
    print(`definitions   ${definitions.length} published`);
    print(`dead letters  ${letters.length} waiting`);
    print(`erasures      ${running.length} under way, ${overdue.length} overdue`);
    const { accepted, sent, withheld, inFlight, failed, difference } = reconciliation;
    print(`messages      ${accepted} accepted = ${sent} sent + ${withheld} withheld + ${inFlight} in flight + ${failed} failed; difference ${difference}`);
  }
  if (overdue.length > 0) throw new CommandFailed(`erasures are overdue: ${overdue.join(', ')}; see which store with "tidings erasures show <id>"`);
  if (!addsUp) throw new CommandFailed('the numbers of messages do not add up');
}
