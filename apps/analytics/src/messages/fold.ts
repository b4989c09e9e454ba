import type { DeliveryEvent, MessageDecided, ReceiptKind } from '@tidings/contracts';
import { journeyOf, type Happening } from './happening.js';
import type { MessageRecord, MessageState, Outcome } from './message-record.js';

/** More than any message gathers in earnest; a flood of receipts must not grow a row without end. */
const MAX_OUTCOMES = 100;

/**
 * The record after one more thing was heard about its message. Hearing the same thing again changes nothing, and
 * the order in which decision, deliveries and receipts arrive does not matter.
 */
export function fold(record: MessageRecord, happening: Happening): MessageRecord {
  switch (happening.kind) {
    case 'decided':
      return foldDecision(record, happening.decision);
    case 'delivery':
      return foldDelivery(record, happening.delivery);
    case 'receipt':
      return foldReceipt(record, happening.receipt, happening.at);
    case 'converted':
      return { ...record, convertedAt: earlier(record.convertedAt, happening.at) };
  }
}

function foldDecision(record: MessageRecord, decision: MessageDecided): MessageRecord {
  const { lane, rule, values, at, outcome, endpoints, journey } = decision;
  const decided = { ...record, ...journeyOf(journey), lane, rule, values, decidedAt: record.decidedAt ?? at };
  if (outcome === 'withhold') return { ...decided, state: 'withheld', reason: rule };
  return settle({ ...decided, endpoints: Math.max(1, endpoints.length) });
}

function foldDelivery(record: MessageRecord, delivery: DeliveryEvent): MessageRecord {
  const { kind, at, endpoint, provider, attempt, reason, endpoints, lane, journey } = delivery;
  const outcome: Outcome = { kind, at, endpoint, provider, attempt, reason };
  const outcomes = withOutcome(record.outcomes, outcome);
  const sentAt = kind === 'sent' ? earlier(record.sentAt, at) : record.sentAt;
  return settle({ ...record, ...journeyOf(journey), lane, endpoints, outcomes, sentAt });
}

const receiptField = { delivered: 'deliveredAt', opened: 'openedAt', clicked: 'clickedAt' } as const;

function foldReceipt(record: MessageRecord, kind: ReceiptKind, at: string): MessageRecord {
  const outcomes = withOutcome(record.outcomes, { kind, at, endpoint: null, provider: null, attempt: null, reason: null });
  if (kind === 'bounced') return { ...record, outcomes, state: 'failed', reason: 'bounced' };
  if (kind === 'complained' || kind === 'unsubscribed') return { ...record, outcomes };
  const field = receiptField[kind];
  return { ...record, outcomes, [field]: earlier(record[field], at) };
}

/** The same kind for the same endpoint and attempt is the same outcome, heard again. */
function withOutcome(outcomes: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  const known = outcomes.some(
    ({ kind, endpoint, attempt }) => kind === outcome.kind && endpoint === outcome.endpoint && attempt === outcome.attempt,
  );
  return known || outcomes.length >= MAX_OUTCOMES ? outcomes : [...outcomes, outcome];
}

/** A message is sent when one of its endpoints has it; it is withheld or failed when every endpoint ended without. */
function settle(record: MessageRecord): MessageRecord {
  // A bounce comes after the provider took the message and stands.
  if (record.reason === 'bounced') return record;
  if (record.sentAt !== null) return { ...record, state: 'sent', reason: null };
  const ends = record.outcomes.filter(({ kind }) => kind === 'failed' || kind === 'withheld');
  if (new Set(ends.map(({ endpoint }) => endpoint)).size < record.endpoints) return record;
  // A failure says more than a message that was withheld from another of the devices.
  const [decisive] = ends.toSorted((a, b) => weight(b) - weight(a) || ((a.endpoint ?? '') < (b.endpoint ?? '') ? -1 : 1));
  const state: MessageState = decisive?.kind === 'failed' ? 'failed' : 'withheld';
  return { ...record, state, reason: decisive?.reason ?? null };
}

/** Failures before what was withheld, later attempts before earlier ones. */
const weight = ({ kind, attempt }: Outcome): number => (kind === 'failed' ? 1_000_000 : 0) + (attempt ?? 0);

const earlier = (known: string | null, at: string): string => (known === null || at < known ? at : known);
