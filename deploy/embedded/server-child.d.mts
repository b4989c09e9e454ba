/** The process of a broker or a database server: it ends with this process, however this one ends. */
export interface ServerChild {
  readonly name: string;
  /** The server's own process id, not its guard's. */
  readonly pid: number;
  readonly logFile: string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  running(): boolean;
}
