import { createRequire } from 'node:module';
import { FetchedRecord, VarInts, type BatchContext } from './fetched-record.js';

/** A reader of kafkajs: bytes and how far they were read. */
interface Reader {
  readonly buffer: Buffer;
  offset: number;
}

type Decoded = readonly unknown[] | Promise<readonly unknown[]>;
type DecodeMessages = (reader: Reader) => Decoded;

const require = createRequire(import.meta.url);
const place = require.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages');
const theirs = require(place) as DecodeMessages;

/**
 * kafkajs 2.2.4 makes of each record it fetched nine fields, two buffers and, per header, a copy of all others. Batches of
 * format 2 that are not compressed become `FetchedRecord`s instead; what holds any other goes the usual way. Patches once, on
 * import, before kafkajs reads its first answer.
 */
export const decodeMessages: DecodeMessages = (reader) => plainRecords(reader) ?? theirs(reader);

const cached = require.cache[place];
if (cached) cached.exports = decodeMessages;

const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** Offset and length, which the length does not count. */
const LENGTH_END = 12;
const RECORDS_AT = 61;

/** The records of a partition's answer, read past; null, and nothing read, when they are not ours to read. */
function plainRecords(reader: Reader): FetchedRecord[] | null {
  const { buffer } = reader;
  const from = reader.offset + 4;
  const end = from + buffer.readInt32BE(reader.offset);
  if (end - from <= MAGIC_AT || end > buffer.length || buffer[from + MAGIC_AT] !== 2) return null;
  const records: FetchedRecord[] = [];
  let at = from;
  for (let next = endOfBatch(buffer, at, end); next !== null; next = endOfBatch(buffer, at, end)) {
    if (!isPlain(buffer, at)) return null;
    addRecords(records, buffer, at, next);
    at = next;
  }
  reader.offset = end;
  return records;
}

/** Null where nothing more lies, or only a part: the broker cuts at the bytes that were asked for. */
function endOfBatch(bytes: Buffer, at: number, end: number): number | null {
  if (at + RECORDS_AT > end) return null;
  const next = at + LENGTH_END + bytes.readInt32BE(at + 8);
  return next > end ? null : next;
}

const isPlain = (bytes: Buffer, at: number): boolean =>
  bytes[at + MAGIC_AT] === 2 && (bytes.readInt16BE(at + ATTRIBUTES_AT) & COMPRESSION) === 0;

function addRecords(records: FetchedRecord[], bytes: Buffer, at: number, end: number): void {
  const first = Number(bytes.readBigInt64BE(at));
  const context = contextOf(bytes, at);
  const cursor = new VarInts(bytes, at + RECORDS_AT);
  for (let left = bytes.readInt32BE(at + RECORDS_AT - 4); left > 0; left--) {
    const length = cursor.next();
    const body = cursor.position;
    const next = body + length;
    if (length < 0 || next > end) throw new Error(`a record batch at offset ${first} is damaged: a record of ${length} bytes does not fit in it`);
    cursor.moveTo(body + 1);
    cursor.next();
    records.push(new FetchedRecord(String(first + cursor.next()), context, bytes, body));
    cursor.moveTo(next);
  }
}

function contextOf(bytes: Buffer, at: number): BatchContext {
  const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
  const ownTimestamps = (attributes & LOG_APPEND_TIME) === 0;
  return {
    producerId: String(bytes.readBigInt64BE(at + 43)),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
    firstTimestamp: Number(bytes.readBigInt64BE(ownTimestamps ? at + 27 : at + 35)),
    ownTimestamps,
  };
}
