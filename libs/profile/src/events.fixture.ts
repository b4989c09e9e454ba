import type { AcceptedEvent } from '@tidings/contracts';
import { anEvent } from '@tidings/testing';

/** The instant the profiles of these specs start at. */
export const noon = Date.parse('2026-03-02T12:00:00Z');

/** The instant so many minutes after noon. */
export const iso = (minutes: number): string => new Date(noon + minutes * 60_000).toISOString();

/** A call of `identify` so many minutes after noon, received long after. */
export const identified = (minutes: number, change: Partial<AcceptedEvent> = {}): AcceptedEvent =>
  anEvent({
    messageId: `m${minutes}`,
    type: 'identify',
    name: 'identify',
    timestamp: iso(minutes),
    receivedAt: iso(1_000_000),
    ...change,
  });
