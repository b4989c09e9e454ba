import type { LoggedChild } from './guarded.mjs';

/** How a server is started; without `dir` it is a throw-away one. */
export interface StartServer {
  readonly dir?: string | undefined;
  readonly port?: number | undefined;
  /** Its folder is removed when it stops, or when this process dies. */
  readonly ephemeral?: boolean | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/** A running server that ends with this process. */
export interface EmbeddedServer {
  readonly port: number;
  readonly dir: string;
  readonly pid: number;
  readonly child: LoggedChild;
  stop(): Promise<void>;
  /** SIGKILL; started with the same `dir` and `port` it goes on where it was. */
  kill(): Promise<void>;
}
