/** What became of the records of one source here, since this process began. */
export interface SourceCounts {
  readonly records: number;
  readonly events: number;
  readonly ignored: number;
  readonly refused: number;
  readonly lastError: SourceError | null;
}

/** The newest record that was refused: when, where it stood, and why; nothing of what was in it. */
export interface SourceError {
  readonly at: string;
  readonly place: string;
  readonly reason: string;
}

/** Counts what becomes of a source's records. */
export class SourceTally {
  private records = 0;
  private events = 0;
  private ignored = 0;
  private refused = 0;
  private lastError: SourceError | null = null;

  accepted(events: number): void {
    this.records++;
    this.events += events;
  }

  ignore(): void {
    this.records++;
    this.ignored++;
  }

  refuse(error: SourceError): void {
    this.records++;
    this.refused++;
    this.lastError = error;
  }

  /** The counts as they are. */
  read(): SourceCounts {
    const { records, events, ignored, refused, lastError } = this;
    return { records, events, ignored, refused, lastError };
  }
}
