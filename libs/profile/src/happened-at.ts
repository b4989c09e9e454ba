import type { AcceptedEvent } from '@tidings/contracts';

/** When an event counts as having happened, in ms: by the sender's clock, but never after it was received. */
export function happenedAt(event: Pick<AcceptedEvent, 'timestamp' | 'receivedAt'>): number {
  const received = Date.parse(event.receivedAt);
  if (event.timestamp === event.receivedAt) return received;
  const sent = Date.parse(event.timestamp);
  return Number.isNaN(sent) ? received : Math.min(sent, received);
}
