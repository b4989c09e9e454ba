import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkout's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a file of the checkout. */
export const read = (path: string): string => readFileSync(root + path, 'utf8');

/** The files of the checkout that fit a pattern, in a fixed order. */
export const find = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).toSorted();

/** The sources of a project that ship: no specs, nothing that only tests use. */
export const sourcesOf = (project: string): readonly string[] =>
  find(`${project}/src/**/*.ts`).filter((path) => !/\.(spec|fixture)\.ts$/.test(path));
