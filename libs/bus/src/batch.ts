/** How far a batch takes its consumer in one partition; `to` is exclusive. `schema` is the Postgres schema that keeps it. */
export interface Position {
  readonly schema: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** One message with where it came from; `topic` is without the installation's prefix. */
export interface Envelope<T> {
  readonly value: T;
  readonly key: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: Date;
  readonly headers: Readonly<Record<string, string>>;
  /** The trace this message belongs to; hand it on with everything published because of the message. */
  readonly traceparent: string | null;
}

/**
 * Messages of one or several partitions, each partition's in order. A handler stores all `positions`, one per partition, in
 * the same transaction as its work.
 */
export interface Batch<T> {
  readonly messages: readonly Envelope<T>[];
  readonly positions: readonly Position[];
  /** Aborted when the process stops or the partition is about to be given away: a handler that waits must end then. */
  readonly signal: AbortSignal;
}

/** A batch whose bytes are the handler's to read: nothing was parsed, checked or set aside. */
export type RawBatch = Batch<Buffer | null>;
