import type { Static, TObject, TProperties, TSchema } from 'typebox';
import { IsOptional } from 'typebox/type';
import { Errors } from 'typebox/value';

/** What a process was told by its environment: its settings, or one sentence for each setting that is bad. */
export type ParsedEnv<T> =
  { readonly kind: 'ok'; readonly config: T } | { readonly kind: 'bad'; readonly sentences: readonly string[] };

type Env = Readonly<Record<string, string | undefined>>;
type Setting = TSchema & {
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
};

/** Reads the settings that a schema names out of an environment; an empty text counts as not set. */
export function parseEnv<P extends TProperties>(schema: TObject<P>, env: Env): ParsedEnv<Static<TObject<P>>> {
  const sentences: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting>(schema.properties)) {
    const text = env[name]?.trim();
    const value = text ? fromText(setting, text) : setting.default;
    if (value !== undefined) config[name] = value;
    const problem = problemOf(name, setting, value, text);
    if (problem !== null) sentences.push(problem);
  }
  if (sentences.length > 0) return { kind: 'bad', sentences };
  return { kind: 'ok', config: config as Static<TObject<P>> };
}

/** The settings of this process, read once at start; a bad setting ends the process with a sentence that names it. */
export function readEnv<P extends TProperties>(schema: TObject<P>, env: Env = process.env): Static<TObject<P>> {
  const parsed = parseEnv(schema, env);
  if (parsed.kind === 'ok') return parsed.config;
  process.stderr.write(parsed.sentences.map((sentence) => `${sentence}\n`).join(''));
  return process.exit(1);
}

const booleans: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** The value that a text stands for; a text that stands for none is left as it is, for the check to refuse. */
function fromText({ type }: Setting, text: string): unknown {
  if (type === 'integer' || type === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  return type === 'boolean' ? (booleans[text.toLowerCase()] ?? text) : text;
}

function problemOf(name: string, setting: Setting, value: unknown, text: string | undefined): string | null {
  if (value === undefined) return IsOptional(setting) ? null : `${name} is not set: it must be ${expected(setting)}.`;
  if (Errors(setting, value).length === 0) return null;
  // A text may be a secret or carry one (a database URL does), so only what cannot be is repeated.
  const shown = setting.type === 'string' ? '' : `, but it is "${text}"`;
  return `${name} must be ${expected(setting)}${shown}.`;
}

function expected({ type, enum: choices, minimum, maximum, description }: Setting): string {
  if (description !== undefined) return description;
  if (choices !== undefined) return `one of ${choices.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type !== 'integer' && type !== 'number') return 'a text';
  const bounds = [
    minimum === undefined ? '' : ` of at least ${minimum}`,
    maximum === undefined ? '' : ` of at most ${maximum}`,
  ];
  return `a ${type === 'integer' ? 'whole ' : ''}number${bounds.filter(Boolean).join(' and')}`;
}
