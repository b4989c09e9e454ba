const names = new Map<string, string>();
/** Far more than the statements of all stores; texts that are made up at run time must not fill memory, here or in Postgres. */
const MOST = 500;

/** The name under which a statement is prepared, on every connection the same; undefined for one that is not worth it. */
export function statementName(sql: string): string | undefined {
  const known = names.get(sql);
  if (known !== undefined || names.size >= MOST) return known;
  const name = `s${names.size}`;
  names.set(sql, name);
  return name;
}
