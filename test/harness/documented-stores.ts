import { readFileSync } from 'node:fs';

/** What docs/personal-data.md says of a table. */
export interface DocumentedTable {
  readonly covers: (table: string) => boolean;
  /** The part of an export that has what the table holds of a person; null where it is said to hold nothing that is exported. */
  readonly part: string | null;
}

const page = () => readFileSync('docs/personal-data.md', 'utf8');

/** The rows of its list of tables. */
export function documentedTables(): readonly DocumentedTable[] {
  const [, section = ''] = page().split('\n## Tables\n');
  const rows = section.split('\n## ')[0]?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
  return rows.flatMap((row) => {
    const cells = row.split('|').map((cell) => cell.trim());
    const part = /^`(\w+)`/.exec(cells.at(-2) ?? '')?.[1] ?? null;
    return namesIn(cells[1] ?? '').map((name): DocumentedTable => ({ covers: coveredBy(name), part }));
  });
}

/** A name without a schema is of the one before it. */
function namesIn(cell: string): readonly string[] {
  let schema = '';
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
    if (!name.includes('.')) return `${schema}.${name}`;
    schema = name.split('.')[0] ?? '';
    return name;
  });
}

const coveredBy = (name: string) => {
  const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '\\w+')}$`);
  return (table: string) => pattern.test(table);
};

/** The topics that it says may hold something of a person, for a bounded time; `*` stands for the rest of a name. */
export function isDocumentedTopic(topic: string): boolean {
  const [, listed = ''] = /Every topic with personal data \(([^)]*)\)/.exec(page()) ?? [];
  return [...listed.matchAll(/`([^`]+)`/g)].some(([, name = '']) => (name.endsWith('*') ? topic.startsWith(name.slice(0, -1)) : topic === name));
}
