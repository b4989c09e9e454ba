/** Where a command runs and where its streams go: its output to our stderr, its input from nowhere, unless told otherwise. */
export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The checkout. */
  readonly cwd?: string | undefined;
  readonly stdio?: 'inherit' | readonly ('ignore' | 'inherit' | number)[] | undefined;
}

/** Runs a command to its end and resolves to its exit code; see command.mjs. Nothing of it outlives this process. */
export function runCommand(command: string, args: readonly string[], options?: CommandOptions): Promise<number>;

/** What a short command prints on stdout and stderr together, null when it is missing or fails. */
export function outputOf(command: string, args: readonly string[]): string | null;

/** Asks the commands that run now to end; from then on none is started. */
export function stopCommands(): void;
