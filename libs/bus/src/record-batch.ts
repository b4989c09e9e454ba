import type { IHeaders } from 'kafkajs';
import { crc32c } from './crc32c.js';

/** A record as kafkajs hands it to its encoder. */
export interface RecordToEncode {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: IHeaders;
  readonly timestamp?: string;
}

/** What identifies a batch to the broker: the producer, and where the batch stands in what that producer writes. */
export interface BatchIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  /** Milliseconds since 1970, the same for every record of the batch. */
  readonly at: bigint;
}

type Data = Buffer | string | null;

/** What lies before the records: base offset, length, epoch, magic, sum and attributes to the number of records. */
const HEAD = 61;
const SUM_AT = 17;
const SUMMED_FROM = 21;

/**
 * A record batch of format 2, uncompressed (https://kafka.apache.org/documentation/#recordbatch): the sizes are taken first,
 * so that everything is written once, into a buffer that others may share.
 */
export class RecordBatch {
  /** Bytes of the whole batch. */
  readonly size: number;
  private readonly bodies: number[] = [];

  constructor(
    private readonly records: readonly RecordToEncode[],
    private readonly identity: BatchIdentity,
  ) {
    let size = HEAD;
    for (let index = 0; index < records.length; index++) {
      const body = sizeOfBody(records[index] as RecordToEncode, index);
      this.bodies.push(body);
      size += sizeOfVarInt(body) + body;
    }
    this.size = size;
  }

  /** Writes the batch at `at` and returns where it ends. */
  write(into: Buffer, at: number): number {
    let end = this.writeHead(into, at);
    for (let index = 0; index < this.records.length; index++) {
      end = writeVarInt(into, end, this.bodies[index] as number);
      end = writeBody(into, end, this.records[index] as RecordToEncode, index);
    }
    into.writeUInt32BE(crc32c(into, at + SUMMED_FROM, end), at + SUM_AT);
    return end;
  }

  private writeHead(into: Buffer, at: number): number {
    const { producerId, producerEpoch, firstSequence, at: time } = this.identity;
    into.writeBigInt64BE(0n, at);
    into.writeInt32BE(this.size - 12, at + 8);
    into.writeInt32BE(0, at + 12);
    into.writeInt8(2, at + 16);
    into.writeInt16BE(0, at + SUMMED_FROM);
    into.writeInt32BE(this.records.length - 1, at + 23);
    into.writeBigInt64BE(time, at + 27);
    into.writeBigInt64BE(time, at + 35);
    into.writeBigInt64BE(producerId, at + 43);
    into.writeInt16BE(producerEpoch, at + 51);
    into.writeInt32BE(firstSequence, at + 53);
    return into.writeInt32BE(this.records.length, at + 57);
  }
}

/** Attributes and the difference in time are one byte each: both are 0. */
function sizeOfBody({ key = null, value, headers }: RecordToEncode, index: number): number {
  let size = 2 + sizeOfVarInt(index) + sizeOfData(key) + sizeOfData(value);
  let count = 0;
  for (const name in headers) {
    for (const data of valuesOf(headers[name])) {
      size += sizeOfData(name) + sizeOfData(data);
      count++;
    }
  }
  return size + sizeOfVarInt(count);
}

function writeBody(into: Buffer, at: number, { key = null, value, headers }: RecordToEncode, index: number): number {
  into[at] = into[at + 1] = 0;
  let end = writeVarInt(into, at + 2, index);
  end = writeData(into, end, key);
  end = writeData(into, end, value);
  end = writeVarInt(into, end, countOf(headers));
  for (const name in headers) {
    for (const data of valuesOf(headers[name])) end = writeData(into, writeData(into, end, name), data);
  }
  return end;
}

function countOf(headers: IHeaders | undefined): number {
  let count = 0;
  for (const name in headers) count += valuesOf(headers[name]).length;
  return count;
}

/** One value, or several under one name. */
const valuesOf = (data: IHeaders[string]): readonly Data[] => (Array.isArray(data) ? data : [data ?? null]);

/** With its length before it; -1, which takes one byte, stands for null. */
function sizeOfData(data: Data): number {
  if (data === null) return 1;
  const length = Buffer.byteLength(data);
  return sizeOfVarInt(length) + length;
}

function writeData(into: Buffer, at: number, data: Data): number {
  if (data === null) return into.writeUInt8(1, at);
  const from = writeVarInt(into, at, Buffer.byteLength(data));
  return from + (typeof data === 'string' ? into.write(data, from) : data.copy(into, from));
}

/** Of a number that is not negative: zigzag doubles it, seven bits go into a byte. */
function sizeOfVarInt(value: number): number {
  if (value < 1 << 6) return 1;
  if (value < 1 << 13) return 2;
  if (value < 1 << 20) return 3;
  return value < 1 << 27 ? 4 : 5;
}

function writeVarInt(into: Buffer, at: number, value: number): number {
  let rest = (value << 1) >>> 0;
  let end = at;
  for (; rest > 127; rest >>>= 7) into[end++] = (rest & 127) | 128;
  into[end++] = rest;
  return end;
}
