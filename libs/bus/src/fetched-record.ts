import type { IHeaders } from 'kafkajs';

/** What the records of a batch have in common; the names are those of kafkajs. */
export interface BatchContext {
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  /** Milliseconds since 1970 that records count from; or of all of them, when the broker's clock gave it. */
  readonly firstTimestamp: number;
  readonly ownTimestamps: boolean;
}

/**
 * A record that stays in the bytes it came in until somebody asks: a fetch brings thousands, which then wait for their turn as
 * this one small object each. Made of everything at once, they were the most of what a service's collector copied.
 */
export class FetchedRecord {
  constructor(
    /** As text, for kafkajs compares it as a 64-bit number. */
    readonly offset: string,
    readonly batchContext: BatchContext,
    private readonly bytes: Buffer,
    /** Where its attributes lie; its length is behind us. */
    private readonly at: number,
  ) {}

  get magicByte(): number {
    return 2;
  }

  get attributes(): number {
    return this.bytes.readInt8(this.at);
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  get timestamp(): string {
    const { firstTimestamp, ownTimestamps } = this.batchContext;
    return String(ownTimestamps ? firstTimestamp + new VarInts(this.bytes, this.at + 1).next() : firstTimestamp);
  }

  get key(): Buffer | null {
    return this.fromKey().data();
  }

  get value(): Buffer | null {
    return this.fromKey().skipped().data();
  }

  get headers(): IHeaders {
    const cursor = this.fromKey().skipped().skipped();
    const headers: IHeaders = {};
    for (let left = cursor.next(); left > 0; left--) addHeader(headers, String(cursor.data()), cursor.data());
    return headers;
  }

  /** Past attributes, time and offset. */
  private fromKey(): VarInts {
    const cursor = new VarInts(this.bytes, this.at + 1);
    cursor.next();
    cursor.next();
    return cursor;
  }
}

/** One value by itself, several under one name as a list: as kafkajs gives them. */
function addHeader(headers: IHeaders, name: string, value: Buffer | null): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const all = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  // Defined, not assigned: a header may be named as the prototype is.
  Object.defineProperty(headers, name, { value: all, enumerable: true, configurable: true, writable: true });
}

/** Reads numbers and bytes one after the other, as Kafka's records hold them (zigzag, seven bits in a byte). */
export class VarInts {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  /** Where the next one lies. */
  get position(): number {
    return this.at;
  }

  /** Goes on there. */
  moveTo(at: number): void {
    this.at = at;
  }

  /** The next number; exact as far as a double is. */
  next(): number {
    let byte = this.bytes[this.at++] ?? 0;
    let raw = byte & 127;
    for (let weight = 128; byte > 127; weight *= 128) {
      byte = this.bytes[this.at++] ?? 0;
      raw += (byte & 127) * weight;
    }
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** The bytes after their length; null for a length of -1. */
  data(): Buffer | null {
    const length = this.next();
    if (length < 0) return null;
    const from = this.at;
    this.at += length;
    return this.bytes.subarray(from, this.at);
  }

  /** Itself, behind the next length and its bytes. */
  skipped(): this {
    const length = this.next();
    if (length > 0) this.at += length;
    return this;
  }
}
