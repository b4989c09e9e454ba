import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, jest } from '@jest/globals';

/** What a command has to work with, anew for each spec: an empty folder, and what was printed so far. */
export interface TerminalOfSpec {
  readonly folder: string;
  readonly printed: string;
}

/** Gives each spec of a file a terminal of its own. */
export function terminalOfSpec(): TerminalOfSpec {
  const terminal = { folder: '', printed: '' };
  beforeEach(() => {
    terminal.folder = mkdtempSync(join(tmpdir(), 'tidings-'));
    terminal.printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      terminal.printed += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(terminal.folder, { recursive: true, force: true });
  });
  return terminal;
}
