/** What a request of a load looks like. */
export interface RequestShape {
  readonly path: string;
  readonly authorization: string;
  /** An event as JSON, with `MMMMMMMMMMMM` where its id goes and `UUUUUUUU` where its user goes. */
  readonly event: string;
  /** Events per request: 1 is a call of its own, more are a batch. */
  readonly events: number;
  /** How many users there are; they take turns. */
  readonly users: number;
  /** The id of the first event, so that no other run has the same; 0. */
  readonly firstId?: number;
}

/** Stands in a body where the id of a message is to be written. */
export const ID_SLOT = 'MMMMMMMMMMMM';
/** Stands in a body where the id of a user is to be written. */
export const USER_SLOT = 'UUUUUUUU';

/** A whole request as bytes, made once; only the digits of its ids change. Every id is used once in a run. */
export class RequestBytes {
  private readonly bytes: Buffer;
  private readonly ids: readonly number[];
  private readonly users: readonly number[];

  constructor(private readonly shape: RequestShape) {
    const { path, authorization, event, events } = shape;
    const body = events === 1 ? event : `{"batch":[${Array.from({ length: events }, () => event).join(',')}]}`;
    const head = [
      'POST ' + path + ' HTTP/1.1',
      'host: 127.0.0.1',
      `authorization: ${authorization}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    this.bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
    this.ids = placesOf(this.bytes, ID_SLOT);
    this.users = placesOf(this.bytes, USER_SLOT);
  }

  /** The bytes of the request with this number, a copy that may be kept by a socket. */
  of(request: number): Buffer {
    const { events, firstId = 0, users } = this.shape;
    const first = request * events;
    this.ids.forEach((place, index) => writeDigits(this.bytes, place, ID_SLOT.length, firstId + first + index));
    this.users.forEach((place, index) => writeDigits(this.bytes, place, USER_SLOT.length, (first + index) % users));
    return Buffer.from(this.bytes);
  }
}

function placesOf(bytes: Buffer, slot: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(slot); at !== -1; at = bytes.indexOf(slot, at + slot.length)) places.push(at);
  return places;
}

function writeDigits(bytes: Buffer, at: number, width: number, value: number): void {
  for (let place = at + width - 1, rest = value; place >= at; place -= 1, rest = Math.floor(rest / 10))
    bytes[place] = 48 + (rest % 10);
}
