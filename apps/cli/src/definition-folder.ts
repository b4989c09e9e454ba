import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { substitute, type SetProblem, type UncheckedSet, type Variables } from '@tidings/definition';
import { readTemplate } from './template-folder.js';
import { UsageError } from './usage-error.js';
import { readYaml, soundYaml, type YamlFile } from './yaml-file.js';

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
    .filter((entry) => /\.ya?ml$/.test(entry))
    .map((entry) => {
      const path = join(folder, name, entry);
      const id = basename(entry).replace(/\.ya?ml$/, '');
      const file = readYaml(path);
      const { value, problems } = substitute(file.document, variables);
      const all = [...file.problems, ...problems, ...idProblems(value, id, entry)];
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
      const all = [...problems, ...replaced.problems].map((problem) => ({ kind: 'template' as const, id, ...problem }));
      return { kind: 'template' as const, id, document: replaced.value, problems: all, file: null, path };
    }),
  );
}

/** A file is named for its definition; its `id` may be left out, but may not say something else. */
function idProblems(document: unknown, id: string, entry: string): { place: string; message: string }[] {
  const own = typeof document === 'object' && document !== null ? (Reflect.get(document, 'id') as unknown) : undefined;
  if (own === undefined || own === id) return [];
  return [{ place: 'id', message: `the file is named ${entry}, so the id must be "${id}"` }];
}

function withId(document: unknown, id: string): unknown {
  return typeof document === 'object' && document !== null && !Array.isArray(document) ? { id, ...document } : document;
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}

function readVariables(folder: string, environment: string | null): Variables {
  const path = ['tidings.yaml', 'tidings.yml'].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (path === undefined) {
    if (environment !== null) throw new UsageError(`${folder} has no tidings.yaml that names the environment "${environment}"`);
    return {};
  }
  const { variables, environments } = (soundYaml(path).document ?? {}) as {
    variables?: Variables;
    environments?: Readonly<Record<string, Variables>>;
  };
  if (environment === null) return variables ?? {};
  const chosen = environments?.[environment];
  if (chosen === undefined) throw new UsageError(`${path} does not name the environment "${environment}"`);
  return { ...variables, ...chosen };
}
