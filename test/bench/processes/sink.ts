import { setTimeout as sleep } from 'node:timers/promises';
import { startFcmSimulator, type FcmSimulator } from '@tidings/testing';
import { answers } from '../rig/child.js';

/** What arrived from a mark on. */
export interface Arrived {
  readonly calls: number;
  readonly messages: number;
  readonly recipients: number;
  /** Milliseconds of the clock; of the last call that brought a message not seen before. */
  readonly lastAt: number;
}

/** One recipient's arrivals in order, each message once: milliseconds of the clock. */
export type ArrivalTimes = ReadonlyMap<string, readonly number[]>;

let fcm: FcmSimulator;

/** Waits for so many messages, or until none has come for a while; then a moment longer, for repetitions. */
async function until({
  mark,
  messages,
  patienceMs,
}: {
  readonly mark: number;
  readonly messages: number;
  readonly patienceMs: number;
}): Promise<Arrived> {
  let count = fcm.accepted().length;
  for (let since = Date.now(); count - mark < messages && Date.now() - since < patienceMs; await sleep(5)) {
    if (fcm.accepted().length === count) continue;
    count = fcm.accepted().length;
    since = Date.now();
  }
  await sleep(200);
  return arrived(mark);
}

function arrived(mark: number): Arrived {
  const entries = fcm.accepted().slice(mark);
  const [messages, recipients] = [new Set<string>(), new Set<string>()];
  let last = '';
  for (const { messageId, to, at } of entries) {
    if (!messages.has(messageId)) last = at;
    messages.add(messageId);
    recipients.add(to);
  }
  return {
    calls: entries.length,
    messages: messages.size,
    recipients: recipients.size,
    lastAt: last === '' ? 0 : Date.parse(last),
  };
}

function times(mark: number): ArrivalTimes {
  const seen = new Set<string>();
  const byRecipient = new Map<string, number[]>();
  for (const { messageId, to, at } of fcm.accepted().slice(mark)) {
    if (seen.has(messageId)) continue;
    seen.add(messageId);
    const own = byRecipient.get(to);
    if (own) own.push(Date.parse(at));
    else byRecipient.set(to, [Date.parse(at)]);
  }
  return byRecipient;
}

answers({
  /** The simulator as it stands, without its journal on disk: what it costs is the same for whoever calls it. */
  start: async () => {
    fcm = await startFcmSimulator();
    return { url: fcm.url, controlUrl: fcm.controlUrl, serviceAccount: fcm.serviceAccount() };
  },
  mark: () => fcm.accepted().length,
  until,
  times,
});
