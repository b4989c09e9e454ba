import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.js';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

const processes = (): readonly Row[] =>
  execFileSync('ps', ['-e', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .map(([pid, parent, state = '']) => ({ pid: Number(pid), parent: Number(parent), state }));

const below = (pid: number, rows: readonly Row[]): readonly number[] =>
  rows.flatMap((row) => (row.parent === pid ? [row.pid, ...below(row.pid, rows)] : []));

describe('a runner that is killed', () => {
  let folder: string;
  let runner: ChildProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidings-killed-'));
    const up = join(folder, 'up');
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', '-c', 'jest.config.mjs'];
    const only = ['--roots', 'test/e2e', '--testMatch', '**/killed-runner.fixture.ts', '-i'];
    runner = spawn(process.execPath, [...flags, ...only], { env: { ...process.env, RUNNER_IS_UP: up, TMPDIR: folder }, stdio: 'ignore' });
    await eventually(() => expect(existsSync(up) && readFileSync(up, 'utf8')).toBe('up'), 120_000);
  }, 150_000);
  afterAll(() => {
    runner.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves no service and no simulator behind', async () => {
    const started = below(runner.pid ?? 0, processes());
    expect(started.length).toBeGreaterThanOrEqual(2);
    runner.kill('SIGKILL');
    await eventually(() => {
      const still = processes().filter(({ pid, state }) => started.includes(pid) && state !== 'Z');
      expect(still).toEqual([]);
    }, 5_000);
  });
});
