/** What was typed cannot be done; the text says how to type it. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command did what it could and the answer is no. Ends with exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    message: string,
    /** What the API answered, where it did. */
    readonly status: number | null = null,
  ) {
    super(message);
  }
}
