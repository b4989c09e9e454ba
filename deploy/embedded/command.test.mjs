// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './command.mjs';
import { isAlive } from './processes.mjs';
import { descendantsOf, runSource, until } from './testing.mjs';

const node = process.execPath;

test('a command ends as it ends: with its own code, 1 for a signal, 127 when there is none', async () => {
  const codeOf = (/** @type {string} */ source) => runCommand(node, ['-e', source]);
  assert.equal(await codeOf(''), 0);
  assert.equal(await codeOf('process.exit(7)'), 7);
  assert.equal(await codeOf("process.kill(process.pid, 'SIGKILL')"), 1);
  assert.equal(await runCommand('there-is-no-such-command', []), 127);
});

test('a command has the streams, the folder and the environment that it was given, and its arguments as they are', async (t) => {
  const argument = `"two words" $HOME 'and' more`;
  const child = `console.log(process.cwd(), process.env.ONE, process.argv[1]); console.error('trouble');`;
  const options = { cwd: '/', env: { PATH: process.env.PATH, ONE: 'one' }, stdio: 'inherit' };
  const parent = runSource(t, `import { runCommand } from './command.mjs';
    console.log('code', await runCommand(process.execPath, ${JSON.stringify(['-e', child, argument])}, ${JSON.stringify(options)})); process.exit(0);`);
  await parent.ended;
  assert.match(parent.output(), /trouble/);
  assert.ok(parent.output().includes(`/ one ${argument}\n`), parent.output());
  assert.match(parent.output(), /code 0\n$/);
});

for (const [what, end] of /** @type {const} */ ([['killed', 'SIGKILL'], ['ended', 'SIGTERM']])) {
  test(`nothing of a command outlives a parent that was ${what}`, async (t) => {
    const parent = runSource(t, `import { runCommand } from './command.mjs'; await runCommand('/bin/sh', ['-c', 'sleep 1000; true']);`);
    await until('the command runs', () => descendantsOf(parent.pid).length > 2);
    const pids = descendantsOf(parent.pid);
    parent.kill(end);
    await until('nothing of it runs', () => !pids.some(isAlive), 5_000);
  });
}
