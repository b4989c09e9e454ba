/** Why a message was set aside: a sentence and a class, neither with anything of the message's values in it. */
export interface Reason {
  readonly reason: string;
  readonly errorClass: string;
}

const LONGEST = 500;

/** What a handler threw, as a reason. Text that error messages quote may be a person's: it is left out. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof Error))
    return { reason: 'the handler threw something that is no Error', errorClass: typeof error };
  return { reason: withoutValues(error.message).slice(0, LONGEST), errorClass: error.name };
}

/** Where an error was thrown: the first line of its stack that names a place. */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return (
    stack
      .split('\n')
      .find((line) => /^\s+at /.test(line))
      ?.trim() ?? ''
  );
}

/** What stands before a quoted name that is part of our code or schema, as Postgres writes it. */
const named = /\b(?:column|relation|constraint|table|schema|field|property|function|type|index)\s+"[^"]*"/gi;

/** Leaves out what looks like data: quoted text that is not the name of a thing of ours, JSON, addresses, long numbers. */
export function withoutValues(text: string): string {
  return text
    .replace(/[{[][^]*[}\]]/g, '[...]')
    .replace(named, (name) => name.replaceAll('"', ''))
    .replace(/"[^"]*"?/g, '[...]')
    .replace(/([:=,]\s*)'[^']*'?/g, '$1[...]')
    .replace(/[^\s"'<>()]+@[^\s"'<>()]+/g, '[...]')
    .replace(/\+?\d[\d\s().-]{6,}\d/g, '[...]');
}
