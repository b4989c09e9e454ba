import { existsSync, readFileSync, statSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** The text of a file, or null when there is none. */
export function textOf(path: string): string | null {
  return existsSync(path) ? namedFile(path) : null;
}

/** The text of a file that somebody named; one that is not there, is a folder or may not be read is not understood. */
export function namedFile(path: string): string {
  requireFile(path);
  return readFileSync(path, 'utf8');
}

/** Refuses what is no file that can be read. */
export function requireFile(path: string): void {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  if (statSync(path).isDirectory()) throw new UsageError(`${path} is a folder, not a file`);
}
