import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Code as if it stood in a file of the checkout; the file exists, because rules that know types ask for its project. */
export interface Snippet {
  readonly file: string;
  readonly code: string;
}

/** What the linter says against a snippet. */
export interface Complaint {
  readonly rule: string;
  readonly message: string;
}

/** Lints all snippets in one process with the configuration of the checkout; the answers are in the same order. */
export async function lint(snippets: readonly Snippet[]): Promise<readonly (readonly Complaint[])[]> {
  // Single runs would lint what is on the disk instead of the snippet.
  const env = { ...process.env, NX_DAEMON: 'false', TSESTREE_SINGLE_RUN: 'false' };
  const script = fileURLToPath(new URL('./lint.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(snippets));
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`the linter ended with exit code ${code}`);
  return JSON.parse(answer) as Complaint[][];
}
