/** Where the scan stands: in a byte order mark, before a cell, in one, in quotes, behind a quote that may close them, behind a carriage return, behind a line. */
type State = 'mark' | 'start' | 'plain' | 'quoted' | 'closed' | 'return' | 'ended';

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** What a file of UTF-8 may begin with. */
const MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/** In bytes. A quote that is never closed ends there instead of taking the rest of the file. */
const MOST_ROW_BYTES = 262_144;

/**
 * Finds where the rows of a CSV file end, in its bytes (UTF-8) as they come, wherever they are cut. The one way in which rows are
 * counted, by whoever splits a file and by whoever takes the parts. Blank lines are no rows. Lines end in LF or CRLF, or in CR where
 * the first line does; a quote inside a cell that does not begin with one is a character like any other.
 */
export class CsvScan {
  private state: State = 'mark';
  private readonly delimiter: number;
  private marked = 0;
  /** Whether the row at hand has nothing yet. */
  private isBlank = true;
  private lines: 'unknown' | 'line-feed' | 'return' = 'unknown';
  private line = 1;
  private rowLine = 1;
  /** Bytes of the row at hand that came before. */
  private before = 0;
  private wrong: string | null = null;

  constructor(delimiter: string) {
    this.delimiter = delimiter.charCodeAt(0);
  }

  /** Why nothing is found from here on, in a sentence; null while all is well. */
  get fault(): string | null {
    return this.wrong;
  }

  /** Where rows end within these bytes, which follow those before: each behind the end of its line. */
  ends(bytes: Uint8Array): readonly number[] {
    const ends: number[] = [];
    let from = -this.before;
    for (let at = 0; at < bytes.length && this.wrong === null; ) {
      at = this.pass(bytes, at);
      this.checkLength(at - from);
      if (this.state !== 'ended' || this.wrong !== null) continue;
      if (!this.isBlank) ends.push(at);
      from = at;
      this.begin();
    }
    this.before = bytes.length - from;
    return ends;
  }

  /** Whether the bytes behind the last end are a row: a file need not end its last line. To be asked when there is no more. */
  endsInRow(): boolean {
    if (this.state === 'quoted') this.wrong ??= `a quote is not closed near line ${this.rowLine}`;
    return this.wrong === null && !this.isBlank;
  }

  private begin(): void {
    this.rowLine = this.line += 1;
    this.isBlank = true;
    this.state = 'start';
  }

  private checkLength(length: number): void {
    if (length <= MOST_ROW_BYTES) return;
    this.wrong = `a row is longer than ${MOST_ROW_BYTES} bytes near line ${this.rowLine}; perhaps a quote is not closed`;
  }

  /** Takes bytes as far as they leave the state as it is, and one more that does not; returns where the next one lies. */
  private pass(bytes: Uint8Array, at: number): number {
    switch (this.state) {
      case 'plain':
        return this.plain(bytes, at);
      case 'quoted':
        return this.quoted(bytes, at);
      case 'mark':
        return this.mark(bytes, at);
      case 'return':
        return this.behindReturn(bytes, at);
      case 'start':
      case 'closed':
      case 'ended':
        return this.atQuote(bytes, at);
    }
  }

  private plain(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === LINE_FEED || byte === RETURN || byte === this.delimiter) {
        this.isBlank &&= at === from && byte !== this.delimiter;
        this.state = byte === this.delimiter ? 'start' : this.behind(byte);
        return at + 1;
      }
    }
    this.isBlank &&= bytes.length === from;
    return bytes.length;
  }

  private behind(byte: number): State {
    if (byte === RETURN) return this.lines === 'return' ? 'ended' : 'return';
    if (this.lines === 'unknown') this.lines = 'line-feed';
    return 'ended';
  }

  private quoted(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      if (bytes[at] === QUOTE) {
        this.state = 'closed';
        return at + 1;
      }
      if (bytes[at] === LINE_FEED) this.line += 1;
    }
    return bytes.length;
  }

  /** Before a cell it opens one; behind another it stands for itself; behind anything else it closed one, and what follows is plain. */
  private atQuote(bytes: Uint8Array, at: number): number {
    const isQuote = bytes[at] === QUOTE;
    this.state = isQuote ? 'quoted' : 'plain';
    if (isQuote) this.isBlank = false;
    return isQuote ? at + 1 : at;
  }

  private behindReturn(bytes: Uint8Array, at: number): number {
    if (bytes[at] === LINE_FEED) {
      this.state = this.behind(LINE_FEED);
      return at + 1;
    }
    if (this.lines === 'unknown') {
      this.lines = 'return';
      this.state = 'ended';
    } else {
      this.isBlank = false;
      this.state = 'plain';
    }
    return at;
  }

  private mark(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== MARK[this.marked]) {
      this.state = this.marked === 0 ? 'start' : 'plain';
      this.isBlank = this.marked === 0;
      return at;
    }
    this.marked += 1;
    if (this.marked === MARK.length) this.state = 'start';
    return at + 1;
  }
}
