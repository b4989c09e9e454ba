import type { Problem } from '@tidings/definition';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { namedFile } from './text-file.js';
import { CommandFailed } from './usage-error.js';

/** What is wrong with a file before anybody looks at what it says. */
export interface YamlProblem extends Problem {
  /** Counted from 1. */
  readonly line: number;
}

/** A YAML file as JSON, with the line of each place in it. */
export interface YamlFile {
  readonly document: unknown;
  readonly problems: readonly YamlProblem[];
  /** The line, counted from 1, of a place such as `steps[1].delay`, or of the nearest thing around it; null when unknown. */
  lineOf(place: string): number | null;
}

/** Reads a YAML file; what is no YAML is a problem, not an exception. Aliases are bounded. */
export function readYaml(path: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(namedFile(path), { lineCounter: lines, uniqueKeys: true });
  // A warning is about a tag that nobody knows, whose value would be another than the one that was meant.
  const problems = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    place: '', line: lines.linePos(pos[0]).line, message: message.split(/ at line |\n/)[0] ?? message,
  })); // prettier-ignore
  const read = problems.length > 0 ? { value: null, problems } : valueOf(document);
  return {
    document: read.value,
    problems: read.problems,
    lineOf: (place) => {
      for (let keys = keysOf(place); ; keys = keys.slice(0, -1)) {
        const node: unknown = keys.length === 0 ? document.contents : document.getIn(keys, true);
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
        if (keys.length === 0) return null;
      }
    },
  };
}

/** A YAML file that somebody named; what is no YAML fails with file and line. */
export function soundYaml(path: string): YamlFile {
  const file = readYaml(path);
  if (file.problems.length > 0) throw wrongIn(path, file, file.problems);
  return file;
}

/** What is wrong with a file, each thing with its line. */
export function wrongIn(path: string, file: YamlFile, problems: readonly (Problem & { readonly line?: number })[]): CommandFailed {
  return new CommandFailed(problems.map(({ place, line, message }) => `${path}:${line ?? file.lineOf(place) ?? 1}: ${place ? `${place}: ` : ''}${message}`).join('\n'));
}

function valueOf(document: Document): { readonly value: unknown; readonly problems: readonly YamlProblem[] } {
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown, problems: [] };
  } catch (error) {
    return { value: null, problems: [{ place: '', line: 1, message: error instanceof Error ? error.message : String(error) }] };
  }
}

function keysOf(place: string): (string | number)[] {
  return place
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
