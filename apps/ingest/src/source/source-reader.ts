import type { CustomerTopic, CustomerTopics, Following, Publisher, RawBatch } from '@tidings/bus';
import type { SourceIntake } from './source-intake.js';
import type { Source } from './sources.js';

/** How the reading of a source's topic goes on this replica. */
export type ReaderState = { readonly state: 'starting' | 'reading' | 'stopped' } | { readonly state: 'failed'; readonly reason: string };

/** What a reader needs. */
export interface SourceReaderParts {
  readonly topics: CustomerTopics;
  readonly publisher: Publisher;
  readonly intake: SourceIntake;
  /** The source as it is now published: its mapping may change while it is read. Undefined when it is gone. */
  readonly current: () => Source | undefined;
}

/** Who reads the topic of a source: a group of its own, so that each source has its own position. */
export function customerTopic({ workspace, definition, publishedAt }: Source): CustomerTopic | null {
  const { id, kafka } = definition;
  if (kafka === undefined) return null;
  return { group: `source.${workspace}.${id}`, topic: kafka.topic, from: kafka.from === 'earliest' ? 'earliest' : publishedAt };
}

/**
 * Reads the topic of one source and publishes what its records become; the position goes on only after the broker has
 * all of it. A failure ends this reader and is kept for whoever asks.
 */
export class SourceReader {
  private readonly following: Following;
  private state: ReaderState = { state: 'starting' };

  constructor(
    readonly topic: CustomerTopic,
    private readonly parts: SourceReaderParts,
  ) {
    this.following = parts.topics.follow(topic, { handle: (batch) => this.handle(batch), onFailed: (error) => this.fail(error) });
  }

  /** How it goes. */
  get status(): ReaderState {
    const { state } = this;
    return state.state === 'starting' && this.following.health().ready ? { state: 'reading' } : state;
  }

  /** Begins to read; never rejects. */
  async start(): Promise<void> {
    try {
      await this.following.start();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Finishes what is in hand. */
  async stop(): Promise<void> {
    this.state = { state: 'stopped' };
    await this.following.stop();
  }

  private fail(error: unknown): void {
    if (this.state.state === 'stopped') return;
    this.state = { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }

  private async handle({ messages, signal }: RawBatch): Promise<void> {
    const source = this.parts.current();
    // Between its archiving and our stop: whatever is read now must not count as done.
    if (source === undefined) throw await aborted(signal);
    const records = messages.map((record) => ({
      value: record.value,
      key: record.key,
      headers: record.headers,
      at: record.timestamp,
      partition: record.partition,
      offset: record.offset,
      traceparent: record.traceparent,
      // The time is part of it, because offsets begin anew when a topic is made anew.
      id: `${source.definition.id}/${record.topic}/${record.partition}/${record.offset}/${record.timestamp.getTime()}`,
    }));
    const intake = await this.parts.intake.take(source, records, 'kafka', signal);
    await this.parts.publisher.publish(intake.messages);
  }
}

/** Resolves when the signal is aborted, with its reason. */
const aborted = (signal: AbortSignal): Promise<Error> =>
  new Promise((resolve) => {
    const end = () => resolve(new Error('stopped'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
