/** How a child came to its end. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What is run, and how it is ended. Whatever the child starts itself is ended with it. */
export interface GuardedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** This process's own when left out. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Time between the stop signal and SIGKILL; 20 s. */
  readonly graceMs?: number;
  /** The same when this process has died; 1.5 s. */
  readonly orphanGraceMs?: number;
  /** A folder to delete when the child is stopped or this process has died, but not when the child is killed. */
  readonly throwAway?: string | undefined;
}

/** What a guard is told first: everything is decided. */
export type GuardSpec = Omit<GuardedCommand, 'stopSignal' | 'graceMs' | 'orphanGraceMs'> &
  Required<Pick<GuardedCommand, 'stopSignal' | 'graceMs' | 'orphanGraceMs'>>;

/** What a guard tells. */
export type GuardReport =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string }
  | ({ readonly kind: 'exited' } & Exit);

/** A child that cannot outlive this process. */
export interface Guarded {
  /** How messages call it. */
  readonly name: string;
  /** The child's own process id, not its guard's. */
  readonly pid: number;
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Whether its end was asked for by `stop` or `kill`. */
  expected(): boolean;
  /** Asks it to end, and makes it after its grace. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/** A child whose output is kept. */
export interface LoggedChild extends Guarded {
  readonly logFile: string;
}

/** Starts a child that ends with this process, even when this process ends by SIGKILL; its streams are those that are given. */
export function runGuarded(options: GuardedCommand & { readonly name: string; readonly stdio: readonly ('ignore' | 'inherit' | number)[] }): Promise<Guarded>;

/** The same with its output appended to a file. */
export function spawnGuarded(options: GuardedCommand & { readonly name: string; readonly logFile: string }): Promise<LoggedChild>;

/** Stops all guarded children of this process, the last started first; from then on none can be started. */
export function stopAllGuarded(): Promise<void>;

/** Ends all guarded children of this process at once. */
export function killAllGuarded(): Promise<void>;
