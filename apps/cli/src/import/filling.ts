/** Rows under their header, ready to be sent. */
export interface FilledPart {
  readonly body: Uint8Array;
  /** The number of its first row, counted from 1, the header not counted. */
  readonly firstRow: number;
  readonly rows: number;
  /** To be called when nobody will look at the body again: another part then lies where it lay. */
  readonly release: () => void;
}

const mostRows = 10_000;
const mostBytes = 4_000_000;
/** The header and the last row of a part are not longer than a row may be. */
const ROOM = mostBytes + 2 * 262_144;

/**
 * A part that is being filled. Parts lie in room that is used again: left to the collector, which does not hurry for what lies outside
 * of its heap, they would add up to tens of megabytes.
 */
export class Filling {
  private readonly free: Buffer[] = [];
  private room = this.taken();
  private length = 0;
  private header: Buffer | null = null;
  private row = 0;
  private rows = 0;

  constructor(private readonly skip: number) {}

  get hasRows(): boolean {
    return this.rows > 0;
  }

  /** Takes the next bytes of the file in. */
  add(bytes: Uint8Array, from: number, end: number): void {
    this.room.set(bytes.subarray(from, end), this.length);
    this.length += end - from;
  }

  /** What was added last ends a row; returns whether the part is whole with it. */
  endRow(): boolean {
    if (this.header === null) {
      this.header = Buffer.from(this.room.subarray(0, this.length));
      return false;
    }
    this.row += 1;
    if (this.row > this.skip) this.rows += 1;
    else this.length = this.header.length;
    return this.rows >= mostRows || this.length >= mostBytes;
  }

  /** The whole rows that were added since the last part. */
  part(): FilledPart {
    const { room, length, rows, free, header } = this;
    this.room = this.taken();
    this.rows = 0;
    this.length = header?.copy(this.room) ?? 0;
    return { body: room.subarray(0, length), firstRow: this.row - rows + 1, rows, release: () => free.push(room) };
  }

  private taken(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(ROOM);
  }
}
