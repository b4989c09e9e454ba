import type { Problem } from './problem.js';

/** What `${name}` stands for in definition files: defaults, overridden by the environment that is applied. */
export type Variables = Readonly<Record<string, string | number>>;

const whole = /^\$\{([a-z][a-z0-9_]*)\}$/;
const anywhere = /\$\{([a-z][a-z0-9_]*)\}/g;

/** The document with every `${name}` replaced; a name that is not defined is a problem at its place. */
export function substitute(document: unknown, variables: Variables, place = ''): { value: unknown; problems: Problem[] } {
  if (typeof document === 'string') return inText(document, variables, place);
  if (Array.isArray(document)) {
    const items = document.map((item, index) => substitute(item, variables, `${place}[${index}]`));
    return { value: items.map((item) => item.value), problems: items.flatMap((item) => item.problems) };
  }
  if (typeof document !== 'object' || document === null) return { value: document, problems: [] };
  const entries = Object.entries(document).map(
    ([key, value]) => [key, substitute(value, variables, place === '' ? key : `${place}.${key}`)] as const,
  );
  return {
    value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
    problems: entries.flatMap(([, { problems }]) => problems),
  };
}

function inText(text: string, variables: Variables, place: string): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const valueOf = (name: string): string | number => {
    if (Object.hasOwn(variables, name)) return variables[name] ?? '';
    problems.push({ place, message: `the variable \${${name}} is not defined in tidings.yaml` });
    return '';
  };
  const only = whole.exec(text)?.[1];
  // A scalar that is nothing but a variable keeps the variable's type: a number stays a number.
  const value = only ? valueOf(only) : text.replace(anywhere, (_match, name: string) => String(valueOf(name)));
  return { value, problems };
}
