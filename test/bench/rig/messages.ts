import { topic } from '@tidings/contracts';
import Type from 'typebox';
import type { PlainRecord } from './kafka.js';

/** What the consumer benchmark carries: an event of a person, 400 bytes of JSON. */
export const benchMessages = topic({
  name: 'bench-messages',
  description: 'Made-up events.',
  schema: Type.Object({
    v: Type.Literal(1),
    /** 0, 1, 2, ... over the whole topic. */
    id: Type.Integer(),
    /** Which person, and their how manyeth message. */
    person: Type.Integer(),
    n: Type.Integer(),
    name: Type.String({ maxLength: 255 }),
    at: Type.String(),
    properties: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  }),
  key: ({ person }) => `demo:${person}`,
});

/** A message as handlers see it. */
/** What the consumers that are compared read: the `n`-th message of a person. */
export interface BenchMessage {
  readonly id: number;
  readonly person: number;
  readonly n: number;
}

/** How many people there are; messages are keyed by them. */
export const PEOPLE = 10_000;
const BYTES = 400;

/** The message with this id, as its producer writes it. */
export function benchRecord(id: number): PlainRecord {
  const person = id % PEOPLE;
  const message = {
    v: 1, id, person, n: Math.floor(id / PEOPLE), name: 'Product Added', at: '2026-01-01T12:00:00.000Z',
    properties: { cart_id: `cart-${person}`, product_id: `sku-${id % 977}`, category: 'clothes', price: 19.9, quantity: 1, currency: 'EUR', note: '' },
  }; // prettier-ignore
  message.properties.note = '.'.repeat(Math.max(0, BYTES - JSON.stringify(message).length));
  return { key: benchMessages.key(message as never), value: JSON.stringify(message) };
}
