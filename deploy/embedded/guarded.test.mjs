// @ts-check
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawnGuarded } from './guarded.mjs';
import { isAlive } from './processes.mjs';
import { runSource, temporaryFolder, until } from './testing.mjs';

const deaf = `process.on('SIGTERM', () => console.log('heard')); setInterval(() => undefined, 1000); console.log('up');`;
const node = process.execPath;

/**
 * @param {string} dir
 * @param {object} [more]
 */
function parentSource(dir, more = {}) {
  const options = { name: 'child', command: node, args: ['-e', deaf], cwd: dir, logFile: join(dir, 'log'), orphanGraceMs: 300, ...more };
  return `import { spawnGuarded } from './guarded.mjs';
    const child = await spawnGuarded(${JSON.stringify(options)});
    console.log('child ' + child.pid + ';');`;
}

test('a child that ignores SIGTERM does not outlive a parent killed with SIGKILL, nor does its throw-away folder', async (t) => {
  const dir = temporaryFolder(t);
  const scratch = join(dir, 'scratch');
  mkdirSync(scratch);
  const parent = runSource(t, parentSource(dir, { throwAway: scratch }));
  await parent.says(';');
  const pid = Number(/child (\d+);/.exec(parent.output())?.[1]);
  await until('the child is up', () => readFileSync(join(dir, 'log'), 'utf8').includes('up'));
  parent.kill('SIGKILL');
  await until('the child is gone', () => !isAlive(pid));
  await until('its folder is gone', () => !existsSync(scratch));
  assert.match(readFileSync(join(dir, 'log'), 'utf8'), /heard/, 'it was asked before it was made to');
});

test('what a child has started ends with the child, whether it was stopped, killed or orphaned', async (t) => {
  const family = `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' });
    console.log('grandchild ' + pid + ';'); setInterval(() => 0, 1000);`;
  for (const end of /** @type {const} */ (['stop', 'kill', 'orphan'])) {
    const dir = temporaryFolder(t);
    const options = { name: 'child', command: node, args: ['-e', family], cwd: dir, logFile: join(dir, 'log') };
    const source = `import { spawnGuarded } from './guarded.mjs';
      const child = await spawnGuarded(${JSON.stringify(options)});
      process.on('message', (order) => void child[order]());`;
    const parent = runSource(t, source);
    await until('the grandchild is up', () => existsSync(options.logFile) && readFileSync(options.logFile, 'utf8').includes(';'));
    const pid = Number(/grandchild (\d+);/.exec(readFileSync(options.logFile, 'utf8'))?.[1]);
    if (end === 'orphan') parent.kill('SIGKILL');
    else parent.send(end);
    await until(`the grandchild is gone after ${end}`, () => !isAlive(pid), 5_000);
  }
});

test('a child does not outlive a parent that simply ends', async (t) => {
  const dir = temporaryFolder(t);
  const parent = runSource(t, `${parentSource(dir)}\nprocess.exit(0);`);
  assert.equal(await parent.ended, 0);
  const pid = Number(/child (\d+);/.exec(parent.output())?.[1]);
  await until('the child is gone', () => !isAlive(pid));
});

test('a child is stopped within its grace, and its own end is reported as such', async (t) => {
  const dir = temporaryFolder(t);
  const common = { name: 'child', command: node, cwd: dir, logFile: join(dir, 'log') };
  const stubborn = await spawnGuarded({ ...common, args: ['-e', deaf], graceMs: 200 });
  await until('it is up', () => readFileSync(join(dir, 'log'), 'utf8').includes('up'));
  await stubborn.stop();
  assert.deepEqual(await stubborn.exited, { code: null, signal: 'SIGKILL' });
  assert.equal(stubborn.expected(), true);

  const brief = await spawnGuarded({ ...common, args: ['-e', 'process.exit(7)'] });
  assert.deepEqual(await brief.exited, { code: 7, signal: null });
  assert.equal(brief.expected(), false);
});

test('a program that does not exist is one sentence', async (t) => {
  const dir = temporaryFolder(t);
  const start = spawnGuarded({ name: 'Nothing', command: join(dir, 'nothing'), args: [], cwd: dir, logFile: join(dir, 'log') });
  await assert.rejects(start, /^Refusal: Nothing could not be started: .*ENOENT/);
});
