import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InfrastructureError, Publisher, type Outgoing } from '@tidings/bus';
import { measureAck } from './ingest-metrics.js';
import { IngestSettings } from './ingest.settings.js';

/**
 * `acked`: every message is durable. Otherwise nothing may be promised: `busy` and `stalled` were not tried, of
 * `late` and `unreachable` the broker may have some.
 */
export type AckOutcome = 'acked' | 'busy' | 'stalled' | 'late' | 'unreachable';

interface Waiting {
  readonly since: number;
  readonly bytes: number;
  readonly resolve: (outcome: AckOutcome) => void;
}

const tickMs = 100;

/**
 * Stands between callers and the publisher: a caller learns within the time limit whether its messages are durable,
 * and while the broker is slow, or too much waits for it, new messages are turned away at once instead of piling up.
 */
@Injectable()
export class AckGate implements OnModuleInit, OnApplicationShutdown {
  private pendingBytes = 0;
  /** In order of age, as sets keep it; an entry moves to `overdue` when its caller was told `late`. */
  private readonly waiting = new Set<Waiting>();
  private readonly overdue = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly publisher: Publisher,
    private readonly settings: IngestSettings,
  ) {}

  onModuleInit(): void {
    // One timer for all: a timer per request would cost more than the rest of the gate.
    this.timer = setInterval(() => this.tellLate(), tickMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Whether messages would be turned away now, so that a caller can be answered before its body is looked at. */
  closed(bytes = 0): 'busy' | 'stalled' | null {
    if (this.overdue.size > 0) return 'stalled';
    return this.pendingBytes + bytes > this.settings.config.MAX_PENDING_BYTES ? 'busy' : null;
  }

  /** Publishes, and says within the time limit what came of it; rejects only on what is nobody's trouble but ours. */
  publish(messages: readonly Outgoing[]): Promise<AckOutcome> {
    const bytes = sizeOf(messages);
    const closed = this.closed(bytes);
    if (closed) return Promise.resolve(closed);
    return new Promise((resolve, reject) => {
      const entry: Waiting = { since: performance.now(), bytes, resolve };
      this.pendingBytes += bytes;
      this.waiting.add(entry);
      this.publisher.publish(messages).then(
        () => {
          this.forget(entry);
          measureAck((performance.now() - entry.since) / 1000);
          resolve('acked');
        },
        (error: unknown) => {
          this.forget(entry);
          if (error instanceof InfrastructureError) resolve('unreachable');
          else reject(error instanceof Error ? error : new Error('publishing failed', { cause: error }));
        },
      );
    });
  }

  private forget(entry: Waiting): void {
    this.pendingBytes -= entry.bytes;
    if (!this.waiting.delete(entry)) this.overdue.delete(entry);
  }

  private tellLate(): void {
    const oldest = performance.now() - this.settings.config.ACK_TIMEOUT_MS;
    for (const entry of this.waiting) {
      if (entry.since > oldest) return;
      this.waiting.delete(entry);
      this.overdue.add(entry);
      entry.resolve('late');
    }
  }
}

function sizeOf(messages: readonly Outgoing[]): number {
  let bytes = 0;
  for (const { value } of messages) bytes += value?.length ?? 0;
  return bytes;
}
