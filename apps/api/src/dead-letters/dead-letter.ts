import type { Envelope } from '@tidings/bus';
import { deadLetterHeaders } from '@tidings/contracts';

/** A dead letter as it is kept. The id is its place on the `dead-letters` topic; a place that the letter does not say is -1. */
export interface DeadLetter {
  readonly workspace: string;
  readonly id: string;
  readonly at: Date;
  readonly consumer: string;
  readonly sourceTopic: string;
  readonly sourcePartition: number;
  readonly sourceOffset: number;
  readonly attempts: number;
  readonly errorClass: string;
  readonly reason: string;
  readonly key: string | null;
  /** The headers the message had itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
  readonly state: 'waiting' | 'redriven' | 'discarded';
}

const ours: ReadonlySet<string> = new Set(Object.values(deadLetterHeaders));

/** What a record on the topic says; it belongs to the workspace its key names, else to the default one. */
export function toDeadLetter(envelope: Envelope<Buffer | null>, workspaces: ReadonlySet<string>, defaultWorkspace: string): DeadLetter {
  const { headers } = envelope;
  const text = (name: keyof typeof deadLetterHeaders) => headers[deadLetterHeaders[name]] ?? '';
  const number = (name: keyof typeof deadLetterHeaders) => {
    const value = Number(text(name) || NaN);
    return Number.isSafeInteger(value) ? value : -1;
  };
  const named = headers['workspace'] ?? envelope.key?.split(':', 1)[0] ?? '';
  return {
    workspace: workspaces.has(named) ? named : defaultWorkspace,
    id: `${envelope.partition}-${envelope.offset}`,
    at: envelope.timestamp,
    consumer: text('consumer'),
    sourceTopic: text('sourceTopic'),
    sourcePartition: number('sourcePartition'),
    sourceOffset: number('sourceOffset'),
    attempts: Math.max(0, number('attempts')),
    errorClass: text('errorClass'),
    reason: text('reason'),
    key: envelope.key,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !ours.has(name))),
    value: envelope.value,
    state: 'waiting',
  };
}
