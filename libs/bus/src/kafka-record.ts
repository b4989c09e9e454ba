import type { IHeaders } from 'kafkajs';

/** A record as the client fetched it. */
export interface KafkaRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offset: string;
  readonly timestamp: string;
  readonly headers?: IHeaders | undefined;
}

/** Records of one partition that are handled together; `to` is exclusive and may lie beyond the last record. */
export interface Piece {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  readonly from: number;
  readonly to: number;
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** Headers as text; of a header that is there several times the first counts. */
export function headersOf(record: KafkaRecord): Readonly<Record<string, string>> {
  let headers: Record<string, string> | null = null;
  for (const name in record.headers) {
    const value = record.headers[name];
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) (headers ??= {})[name] = first.toString();
  }
  return headers ?? noHeaders;
}

/** A record's key as text. */
export const keyOf = (record: KafkaRecord): string | null => (record.key === null ? null : record.key.toString());
