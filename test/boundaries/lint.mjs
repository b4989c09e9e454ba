// @ts-check
// Lints snippets as if they stood in files of ours. stdin: [{ file, code }], stdout: [[{ rule, message }]] in the same order.
// A process of its own, because nx and ESLint keep what they know of the workspace for as long as theirs lives.
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import devkit from '@nx/devkit';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('../..', import.meta.url));

// The boundaries are read from nx's graph of projects, which is made here and not by a daemon that would stay behind.
await devkit.createProjectGraphAsync({ exitOnError: true });

/** @type {{ file: string, code: string }[]} */
const snippets = JSON.parse(await text(process.stdin));
const eslint = new ESLint({ cwd: root });
const found = [];
for (const { file, code } of snippets) {
  const [result] = await eslint.lintText(code, { filePath: file });
  found.push((result?.messages ?? []).map(({ ruleId, message }) => ({ rule: ruleId ?? 'syntax', message })));
}
process.stdout.write(JSON.stringify(found));
