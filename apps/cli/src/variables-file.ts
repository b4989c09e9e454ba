import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shapeCheck } from '@tidings/contracts';
import type { Variables } from '@tidings/definition';
import Type, { type Static } from 'typebox';
import { UsageError } from './usage-error.js';
import { soundYaml, wrongIn } from './yaml-file.js';

const Values = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]*$' }), Type.Union([Type.String(), Type.Number()]), { additionalProperties: false });
const VariablesFile = Type.Object(
  { variables: Type.Optional(Values), environments: Type.Optional(Type.Record(Type.String(), Values)) },
  { additionalProperties: false },
);
const shapeOf = shapeCheck(VariablesFile);

/** What `${name}` stands for in the files of a folder: `variables` of its `tidings.yaml`, and over them those of the environment. */
export function readVariables(folder: string, environment: string | null): Variables {
  const path = ['tidings.yaml', 'tidings.yml'].map((name) => join(folder, name)).find((file) => existsSync(file));
  if (path === undefined) {
    if (environment !== null) throw new UsageError(`${folder} has no tidings.yaml that names the environment "${environment}"`);
    return {};
  }
  const { variables, environments } = readFile(path);
  if (environment === null) return variables ?? {};
  const chosen = environments !== undefined && Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (chosen === undefined) throw new UsageError(`${path} does not name the environment "${environment}"`);
  return { ...variables, ...chosen };
}

function readFile(path: string): Static<typeof VariablesFile> {
  const file = soundYaml(path);
  const document = file.document ?? {};
  const problems = shapeOf(document);
  if (problems.length > 0) throw wrongIn(path, file, problems);
  return document;
}
