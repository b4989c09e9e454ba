/** Why an event is not accepted: the field at fault, as a path in the event (empty: the event itself), and a sentence. */
export class Refusal {
  readonly kind = 'refused';

  constructor(
    readonly field: string,
    readonly message: string,
  ) {}

  /** The same fault of an event that lies inside something else, such as `batch[3]`. */
  within(place: string): Refusal {
    if (place === '') return this;
    return new Refusal(this.field === '' ? place : `${place}.${this.field}`, this.message);
  }
}

/** An object as JSON knows it: neither null nor a list. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells an object from everything else that JSON can hold. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
