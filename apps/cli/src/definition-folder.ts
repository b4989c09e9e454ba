import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { DefinitionId, shapeCheck } from '@tidings/contracts';
import { substitute, type Problem, type SetProblem, type UncheckedSet, type Variables } from '@tidings/definition';
import { readTemplate } from './template-folder.js';
import { UsageError } from './usage-error.js';
import { readVariables } from './variables-file.js';
import { readYaml, type YamlFile } from './yaml-file.js';

/** A problem of a definition; of a file that is no YAML with its line. */
export type FolderProblem = SetProblem & { readonly line?: number };

/** A folder of definition files as read: the definitions, what is wrong already, and where each came from. */
export interface DefinitionFolder {
  readonly set: UncheckedSet;
  readonly problems: readonly FolderProblem[];
  /** `file:line` of a place in a definition, as near as the file tells. */
  locate(problem: FolderProblem): string;
}

type Kind = SetProblem['kind'];

interface Read {
  readonly kind: Kind;
  readonly id: string;
  readonly document: unknown;
  readonly problems: readonly FolderProblem[];
  readonly file: YamlFile | null;
  readonly path: string;
}

const extension = /\.(ya?ml|json)$/;
const isId = shapeCheck(DefinitionId);

/** Reads `segments/*.yaml`, `computed-traits/*.yaml`, `journeys/*.yaml`, `sources/*.yaml` and `templates/<id>/` of a folder, with the variables of the environment. */
export async function readDefinitionFolder(folder: string, environment: string | null): Promise<DefinitionFolder> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new UsageError(`there is no folder ${folder}`);
  const variables = readVariables(folder, environment);
  const reads = [
    ...readFiles(folder, 'segment', 'segments', variables),
    ...readFiles(folder, 'computed-trait', 'computed-traits', variables),
    ...readFiles(folder, 'journey', 'journeys', variables),
    ...readFiles(folder, 'source', 'sources', variables),
    ...(await readTemplates(folder, variables)),
  ];
  if (reads.length === 0) throw new UsageError(`${folder} has no segments/*.yaml, computed-traits/*.yaml, journeys/*.yaml, sources/*.yaml or templates/*/`);
  const documents = (kind: Kind) => reads.filter((read) => read.kind === kind).map((read) => read.document);
  return {
    set: {
      segments: documents('segment'),
      computedTraits: documents('computed-trait'),
      journeys: documents('journey'),
      templates: documents('template'),
      sources: documents('source'),
    },
    problems: reads.flatMap((read) => read.problems),
    locate: (problem) => {
      const read = reads.find(({ kind, id }) => kind === problem.kind && id === problem.id);
      if (read === undefined) return folder;
      const line = problem.line ?? read.file?.lineOf(problem.place);
      return line ? `${relative(process.cwd(), read.path)}:${line}` : relative(process.cwd(), read.path);
    },
  };
}

function readFiles(folder: string, kind: Kind, name: string, variables: Variables): Read[] {
  return entriesOf(join(folder, name))
    .filter((entry) => extension.test(entry))
    .map((entry) => {
      const path = join(folder, name, entry);
      const id = basename(entry).replace(extension, '');
      const file = readYaml(path);
      const { value, problems } = substitute(file.document, variables);
      const all = file.problems.length > 0 ? file.problems : [...problems, ...namingProblems(value, id, entry)];
      return { kind, id, document: withId(value, id), problems: all.map((problem) => ({ kind, id, ...problem })), file, path };
    });
}

async function readTemplates(folder: string, variables: Variables): Promise<Read[]> {
  const names = entriesOf(join(folder, 'templates')).filter((name) => statSync(join(folder, 'templates', name)).isDirectory());
  return Promise.all(
    names.map(async (id) => {
      const path = join(folder, 'templates', id);
      const { document, problems } = await readTemplate(path, id);
      const replaced = substitute(document, variables);
      const all = [...unfit(id), ...problems, ...replaced.problems].map((problem) => ({ kind: 'template' as const, id, ...problem }));
      return { kind: 'template' as const, id, document: replaced.value, problems: all, file: null, path };
    }),
  );
}

/** A file holds one definition and is named for it; its `id` may be left out, but may not say something else. */
function namingProblems(document: unknown, id: string, entry: string): Problem[] {
  if (!isObject(document)) return [{ place: '', message: document === null ? 'is empty' : 'must hold fields and their values' }];
  const unnamed = unfit(id);
  if (unnamed.length > 0) return unnamed;
  const own = Reflect.get(document, 'id') as unknown;
  if (own === undefined || own === id) return [];
  return [{ place: 'id', message: `the file is named ${entry}, so the id must be "${id}"` }];
}

const unfit = (id: string): Problem[] => isId(id).map(({ message }) => ({ place: '', message: `is named for the id, which ${message}` }));

const isObject = (document: unknown): document is object => typeof document === 'object' && document !== null && !Array.isArray(document);

const withId = (document: unknown, id: string): unknown => (isObject(document) ? { id, ...document } : document);

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}
