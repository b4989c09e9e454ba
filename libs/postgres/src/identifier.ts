/** A name of ours as SQL writes it. Only plain lower-case names are let through, so that no name can carry SQL. */
export function identifier(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,50}$/.test(name)) throw new Error(`"${name}" is not a plain lower-case name for a table, schema or column`);
  return `"${name}"`;
}
