// @ts-check
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../deploy/embedded/checkout.mjs';
import { isAlive } from '../deploy/embedded/processes.mjs';
import { descendantsOf, temporaryFolder, until } from '../deploy/embedded/testing.mjs';

/** What a test runner is to this tool: it starts something of its own, and would go on for ever. */
const runner = `const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
  require('node:fs').writeFileSync(process.env.UP, String(process.pid));
  setInterval(() => 0, 1000);`;

for (const who of /** @type {const} */ (['the tool', 'the command'])) {
  test(`kill -9 of ${who} leaves no command, broker, database or folder behind`, async (t) => {
    const dir = temporaryFolder(t);
    const up = join(dir, 'up');
    const { TEST_KAFKA_BROKERS: _brokers, TEST_DATABASE_URL: _database, ...own } = process.env;
    const tool = spawn(process.execPath, [join(root, 'tools', 'with-services.mjs'), process.execPath, '-e', runner], { env: { ...own, TMPDIR: dir, UP: up }, stdio: 'ignore' });
    t.after(() => tool.kill('SIGKILL'));
    await until('the command runs', () => existsSync(up) && readFileSync(up, 'utf8') !== '', 120_000);
    const pids = [tool.pid ?? 0, ...descendantsOf(tool.pid ?? 0)];
    assert.ok(pids.length >= 8, `the tool, three guards, a broker, a database, a command and what it started: ${pids.length}`);
    if (who === 'the tool') tool.kill('SIGKILL');
    else process.kill(Number(readFileSync(up, 'utf8')), 'SIGKILL');
    await until('nothing of it runs', () => !pids.some(isAlive), 5_000);
    assert.deepEqual(readdirSync(dir), ['up']);
  });
}
