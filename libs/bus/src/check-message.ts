import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { speedUpInstants, withoutOpenPatterns } from './fast-schema.js';
import type { Reason } from './reason.js';

type Problem = ReturnType<Validator['Errors']>[number];

const compiled = new WeakMap<TSchema, Validator>();
speedUpInstants();

/** The compiled check of a schema; compiled once for a process. */
export function validatorOf(schema: TSchema): Validator {
  let validator = compiled.get(schema);
  if (validator === undefined) compiled.set(schema, (validator = Compile(withoutOpenPatterns(schema))));
  return validator;
}

/** Why a value is no message of this schema, naming the field. Only for values that the check refused. */
export function refusal(validator: Validator, value: unknown): Reason {
  const known = versionsOf(validator.Type());
  const version = typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;
  if (known.length > 0 && version !== undefined && !known.includes(version)) {
    const named = typeof version === 'number' ? ` ${version}` : '';
    return {
      reason: `unknown version${named} in field v: this reader knows ${known.join(', ')}`,
      errorClass: 'UnknownVersion',
    };
  }
  return { reason: sentence(mostLikely(validator.Errors(value))), errorClass: 'InvalidMessage' };
}

/** The values that a schema allows in `v`, whether it is one object or a union of them. */
function versionsOf(schema: TSchema): unknown[] {
  const variants = 'anyOf' in schema && Array.isArray(schema.anyOf) ? (schema.anyOf as TSchema[]) : [schema];
  const versions = variants.map((variant) => {
    const { properties } = variant as { properties?: Record<string, { const?: unknown } | undefined> };
    return properties?.v?.const;
  });
  return [...new Set(versions.filter((version) => version !== undefined))];
}

/**
 * Of a union, the variant that the message seems to be: the one whose constants (`kind`) it does not contradict.
 * Elsewhere simply the first problem.
 */
function mostLikely(problems: readonly Problem[]): Problem | undefined {
  const variantOf = (problem: Problem) => /^#\/anyOf\/\d+/.exec(problem.schemaPath)?.[0];
  const contradicted = new Set(problems.filter(({ keyword }) => keyword === 'const').map(variantOf));
  return (
    problems.find((problem) => variantOf(problem) !== undefined && !contradicted.has(variantOf(problem))) ?? problems[0]
  );
}

function sentence(problem: Problem | undefined): string {
  if (problem === undefined) return 'does not match its schema';
  const field = problem.instancePath.slice(1).replaceAll('/', '.').slice(0, 200);
  return field === '' ? `the message ${problem.message}` : `field ${field} ${problem.message}`;
}
