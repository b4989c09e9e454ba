import type { Span } from '@opentelemetry/api';
import type { Batch, Position } from './batch.js';
import type { Brake } from './brake.js';
import type { DeadLetterBox } from './dead-letter-box.js';
import type { Decode, Unreadable } from './decode.js';
import { InfrastructureError, PartitionLost } from './infrastructure-error.js';
import type { Piece } from './kafka-record.js';
import type { Positions } from './positions.js';
import type { ReadEnvelope } from './read-envelope.js';
import { retrying, type Patience } from './retrying.js';
import { activeTracer, endSpans, processSpan, writeTraceparent } from './trace-context.js';

/** What a handler is to the bus. */
export type Handle = (batch: Batch<unknown>) => Promise<void>;

/** What one consumer's work is made of. */
export interface BatchWorkerParts {
  readonly group: string;
  readonly schema: string;
  readonly decode: Decode;
  readonly handle: Handle;
  readonly deadLetters: DeadLetterBox;
  readonly brake: Brake;
  readonly positions: Pick<Positions, 'advance' | 'handled'>;
  readonly patience: Pick<Patience, 'patienceMs' | 'onRetry'>;
  readonly measure: (messages: number, seconds: number) => void;
}

/** The work was broken off because the process stops or the partition goes away; nothing of it counts. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Whether pieces were done together, or each has to be done by itself, which shows what is wrong with which. */
export type Joint = 'done' | 'apart';

/** Does pieces of partitions: hands over, waits the world's trouble out, sets aside, and moves positions that no handler moves. */
export class BatchWorker {
  constructor(private readonly parts: BatchWorkerParts) {}

  /**
   * Does pieces of several partitions as one batch, all or nothing. Rejects with `Interrupted` or what should end the
   * process; whatever is the fault of one of them is left to `work`.
   */
  async together(pieces: readonly Piece[], signal: AbortSignal): Promise<Joint> {
    const decoded = pieces.map((piece) => this.parts.decode(piece));
    const messages = decoded.flatMap((each) => each.messages);
    if (messages.length === 0 || decoded.some(({ unreadable }) => unreadable.length > 0)) return 'apart';
    try {
      await this.handle(messages, pieces.map((piece) => this.position(piece, piece.from, piece.to)), signal); // prettier-ignore
      return 'done';
    } catch (error) {
      if (isOfTheWorld(error) && !(error instanceof PartitionLost)) throw error;
      return 'apart';
    }
  }

  /**
   * Does one piece: the whole batch at once; when that fails for no reason of the world's, message by message, and the one
   * that fails alone becomes a dead letter. Resolves when the position stands at the piece's end. Rejects with
   * `Interrupted`, `PartitionLost`, or what should end the process.
   */
  async work(piece: Piece, signal: AbortSignal): Promise<void> {
    const { messages, unreadable } = this.parts.decode(piece);
    if (unreadable.length > 0) await this.setAside(piece, unreadable, signal);
    if (messages.length === 0)
      return this.patiently(() => this.parts.positions.advance(this.position(piece, piece.from, piece.to)), signal);
    try {
      await this.handle(messages, [this.position(piece, piece.from, piece.to)], signal);
    } catch (error) {
      if (isOfTheWorld(error)) throw error;
      await this.oneByOne(piece, messages, signal);
    }
  }

  /** One message must not cost its neighbours: whichever fails alone is the one to set aside. */
  private async oneByOne(piece: Piece, messages: readonly ReadEnvelope<unknown>[], signal: AbortSignal): Promise<void> {
    let from = piece.from;
    for (const [index, message] of messages.entries()) {
      const to = index === messages.length - 1 ? piece.to : message.offset + 1;
      const position = this.position(piece, from, to);
      try {
        await this.handle([message], [position], signal);
      } catch (error) {
        if (isOfTheWorld(error)) throw error;
        this.parts.brake.settingAside();
        const record = piece.records.find(({ offset }) => Number(offset) === message.offset);
        if (record) await this.patiently(() => this.parts.deadLetters.putFailed(piece, record, error), signal);
        await this.patiently(() => this.parts.positions.advance(position), signal);
      }
      from = to;
    }
  }

  private async setAside(piece: Piece, unreadable: readonly Unreadable[], signal: AbortSignal): Promise<void> {
    for (const _ of unreadable) this.parts.brake.settingAside();
    await this.patiently(() => this.parts.deadLetters.putUnreadable(piece, unreadable), signal);
  }

  private async handle(
    messages: readonly ReadEnvelope<unknown>[],
    positions: readonly Position[],
    signal: AbortSignal,
  ): Promise<void> {
    const { traced, spans } = this.traced(messages);
    const startedAt = performance.now();
    try {
      await this.patiently(() => this.parts.handle({ messages: traced, positions, signal }), signal);
      endSpans(spans);
    } catch (error) {
      endSpans(spans, error);
      throw error;
    }
    this.parts.brake.handled(messages.length);
    this.parts.measure(messages.length, (performance.now() - startedAt) / 1000);
    await this.patiently(() => this.parts.positions.handled(positions), signal);
  }

  /** Waits infrastructure trouble out. Whatever fails once the signal says stop is nobody's fault. */
  private async patiently(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await retrying(work, { ...this.parts.patience, signal });
    } catch (error) {
      if (signal.aborted && !(error instanceof PartitionLost)) throw new Interrupted('stopped', { cause: error });
      throw error;
    }
  }

  /** Each message of a sampled trace gets a span of its own; what the handler publishes continues that. */
  private traced(messages: readonly ReadEnvelope<unknown>[]): {
    traced: readonly ReadEnvelope<unknown>[];
    spans: readonly Span[];
  } {
    const tracer = activeTracer();
    if (tracer === null) return { traced: messages, spans: [] };
    const spans: Span[] = [];
    const traced = messages.map((message) => {
      const span = processSpan(tracer, message.traceparent, message, this.parts.group);
      if (span === null) return message;
      spans.push(span);
      return message.within(writeTraceparent(span.spanContext()));
    });
    return { traced, spans };
  }

  private position({ topic, partition }: Piece, from: number, to: number): Position {
    return { schema: this.parts.schema, consumer: this.parts.group, topic, partition, from, to };
  }
}

/** Not a message's fault. */
const isOfTheWorld = (error: unknown): boolean => error instanceof InfrastructureError || error instanceof Interrupted;
