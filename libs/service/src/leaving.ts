import { logger } from './log.js';

/** What a process is made of, in the order in which it is taken down: nothing loses what it stands on. */
export const parts = [
  'http',
  'consumers',
  'pollers',
  'backlogs',
  'catalog',
  'publisher',
  'application',
  'tracing',
  'admin',
] as const;

/** One part of a process. */
export type Part = (typeof parts)[number];

/** Tells whoever it is injected into that the process is on its way out; streams without an end should end then. */
export class Shutdown {
  private readonly controller = new AbortController();

  /** Aborted once, when the process stops taking new work. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Tells everybody. */
  begin(): void {
    this.controller.abort();
  }
}

const log = logger('shutdown');

/** The parts of a process as they come to be, and their end in good order. */
export class Leaving {
  private readonly closers = new Map<Part, () => Promise<unknown>>();

  /** Has a part closed when the process leaves. */
  add(part: Part, close: () => Promise<unknown>): void {
    this.closers.set(part, close);
  }

  /** Closes what there is, one after the other; one that fails does not keep the others open. True when none did. */
  async leave(): Promise<boolean> {
    let clean = true;
    for (const part of parts) {
      const close = this.closers.get(part);
      this.closers.delete(part);
      try {
        await close?.();
      } catch (error) {
        clean = false;
        log.error({ err: error, part }, 'a part of the process did not close cleanly');
      }
    }
    return clean;
  }
}
