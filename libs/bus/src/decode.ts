import { isUtf8 } from 'node:buffer';
import type { Topic } from '@tidings/contracts';
import type { Validator } from 'typebox/compile';
import { refusal, validatorOf } from './check-message.js';
import type { KafkaRecord, Piece } from './kafka-record.js';
import { ReadEnvelope } from './read-envelope.js';
import type { Reason } from './reason.js';

/** A record that no handler of its topic may see, and why. */
export interface Unreadable extends Reason {
  readonly record: KafkaRecord;
}

/** What a piece holds for the handler, and what it does not. */
export interface Decoded {
  readonly messages: readonly ReadEnvelope<unknown>[];
  readonly unreadable: readonly Unreadable[];
}

/** Turns the records of a piece into messages. */
export type Decode = (piece: Piece) => Decoded;

/** Bytes as they are, for handlers that read them themselves. */
export const decodeRaw: Decode = (piece) => ({
  messages: piece.records.map((record) => new ReadEnvelope(record, piece.topic, piece.partition, record.value)),
  unreadable: [],
});

/** Parsed and checked against the contract of the topic; what fails is named with its field. */
export function decoderOf(topics: readonly Topic[]): Decode {
  const validators = new Map(topics.map(({ name, schema }) => [name, validatorOf(schema)]));
  return (piece) => {
    const validator = validators.get(piece.topic);
    if (validator === undefined) throw new Error(`no contract for topic ${piece.topic}`);
    const messages: ReadEnvelope<unknown>[] = [];
    const unreadable: Unreadable[] = [];
    for (const record of piece.records) {
      const value = record.value === null ? nullValue : readValue(validator, record.value);
      if (value instanceof Refused) unreadable.push({ record, reason: value.reason, errorClass: value.errorClass });
      else messages.push(new ReadEnvelope(record, piece.topic, piece.partition, value));
    }
    return { messages, unreadable };
  };
}

/** Why a value is no message. Not an Error: a stack for each is what a flood of bad messages must not cost. */
export class Refused implements Reason {
  constructor(
    readonly reason: string,
    readonly errorClass: string,
  ) {}
}

const nullValue = new Refused('null value', 'Unparsable');

/** A value's JSON, checked, or why it is none. */
export function readValue(validator: Validator, bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return new Refused('the value is not UTF-8', 'Unparsable');
  const value = parse(bytes.toString());
  if (value instanceof Refused || validator.Check(value)) return value;
  const { reason, errorClass } = refusal(validator, value);
  return new Refused(reason, errorClass);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the text.
    return new Refused('the value is not JSON', 'Unparsable');
  }
}
