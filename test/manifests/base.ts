import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { read } from './checkout.js';

/** As much of a Kubernetes resource as all kinds have. */
export interface Resource<Spec = unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Spec;
  readonly automountServiceAccountToken?: boolean;
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

/** The resources of a kustomization and the ConfigMaps that it makes, without kustomize. */
export interface Base {
  readonly resources: readonly Resource[];
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Every document in the YAML text. */
export const documents = (text: string): readonly Resource[] => parseAllDocuments(text).map((document) => document.toJS() as Resource);

/** Reads a kustomization and those that it takes in. */
export function readBase(folder: string): Base {
  const { resources = [], configMapGenerator = [] } = parse(read(`${folder}/kustomization.yaml`)) as Kustomization;
  const parts = resources.map((path) => join(folder, path)).map((path): Base =>
    path.endsWith('.yaml') ? { resources: documents(read(path)), configMaps: new Map() } : readBase(path),
  );
  const own = configMapGenerator.map(({ name, literals }) => [name, Object.fromEntries(literals.map(pair))] as const);
  return { resources: parts.flatMap((part) => part.resources), configMaps: new Map([...own, ...parts.flatMap(({ configMaps }) => [...configMaps])]) };
}

function pair(literal: string): [string, string] {
  const at = literal.indexOf('=');
  return [literal.slice(0, at), literal.slice(at + 1)];
}

