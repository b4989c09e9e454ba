import { checkSet, nothingKnown, type DefinitionSet, type KnownIds } from '@tidings/definition';
import type { Output } from '../command-shape.js';
import { readDefinitionFolder, type DefinitionFolder, type FolderProblem } from '../definition-folder.js';
import { print, printJson } from '../print.js';
import { CommandFailed } from '../usage-error.js';

/** How a folder is read: its environment's variables, and what may be referred to beside it. */
export interface FolderOptions extends Output {
  readonly environment?: string;
}

/** Checks a folder offline and says what is wrong, with file and line; fails when anything is. */
export async function check(folder: string, options: FolderOptions): Promise<void> {
  const set = await readChecked(folder, options, nothingKnown);
  const { segments, computedTraits, journeys, templates, sources } = set;
  const counts = {
    segments: segments.length,
    computedTraits: computedTraits.length,
    journeys: journeys.length,
    templates: templates.length,
    sources: sources.length,
  };
  if (options.json) return printJson({ ok: true, ...counts });
  print(`${folder} is right: ${counts.segments} segments, ${counts.computedTraits} computed traits, ${counts.journeys} journeys, ${counts.templates} templates, ${counts.sources} sources`);
}

/** The folder's definitions, every one checked; a folder with problems fails with all of them. */
export async function readChecked(folder: string, options: FolderOptions, known: KnownIds): Promise<DefinitionSet> {
  const read = await readDefinitionFolder(folder, options.environment ?? null);
  if (read.problems.length > 0) throw failed(read, read.problems, options);
  const checked = checkSet(read.set, known);
  if (!checked.ok) throw failed(read, checked.problems, options);
  return checked.set;
}

function failed(folder: DefinitionFolder, problems: readonly FolderProblem[], { json }: FolderOptions): CommandFailed {
  const located = problems.map((problem) => ({ at: folder.locate(problem), ...problem }));
  if (json) printJson({ ok: false, problems: located });
  const lines = located.map(({ at, place, message }) => `${at}: ${place ? `${place}: ` : ''}${message}`);
  return new CommandFailed(lines.join('\n'));
}
