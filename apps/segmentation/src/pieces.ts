import type { Envelope } from '@tidings/bus';
import type { AcceptedEvent } from '@tidings/contracts';
import { nameOfId, type ErasedMap } from '@tidings/service';
import type { HeardEvent } from './heard-event.js';

/** Whether a message asks to erase somebody. */
export const isErasure = ({ value }: Envelope<AcceptedEvent>): boolean => value.type === 'erase';

/** Erasures by themselves, what stands between them by itself, all in order. */
export function piecesOf(messages: readonly Envelope<AcceptedEvent>[]): Envelope<AcceptedEvent>[][] {
  const pieces: Envelope<AcceptedEvent>[][] = [];
  for (const message of messages) {
    const last = pieces.at(-1);
    const first = last?.[0];
    if (last !== undefined && first !== undefined && isErasure(first) === isErasure(message)) last.push(message);
    else pieces.push([message]);
  }
  return pieces;
}

/** Without what is left of those who were erased: what was received until then, and what came back about messages from before. */
export const kept = <E extends HeardEvent>(messages: readonly Envelope<E>[], erased: ErasedMap): readonly Envelope<E>[] =>
  erased.size === 0
    ? messages
    : messages.filter(({ value }) => {
        const requestedAt = erased.get(nameOfId(value))?.requestedAt;
        return requestedAt === undefined || belongsTo(value) > requestedAt;
      });

/** When what an event tells of was done. A report that an address must not be written to again counts, whoever it was written to. */
function belongsTo({ receipt, receivedAt }: HeardEvent): string {
  if (receipt === undefined || (receipt.address !== undefined && warning.has(receipt.kind))) return receivedAt;
  return receipt.dueAt ?? receivedAt;
}

const warning: ReadonlySet<string> = new Set(['bounced', 'complained', 'unsubscribed']);
