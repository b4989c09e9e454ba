import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Installation } from '../harness/installation.js';
import { SimulatorProcess } from '../harness/simulator-process.js';

/** What `killed-runner.spec.ts` runs, and kills: a suite in the middle of its work. */
it('starts what suites start, says so, and goes on for ever', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-runner-'));
  await SimulatorProcess.start('fcm', join(folder, 'fcm.journal'));
  const { processes } = await Installation.start({ form: 'standalone' });
  expect(processes.map(({ running }) => running)).toEqual([true]);
  writeFileSync(process.env['RUNNER_IS_UP'] ?? '', 'up');
  await new Promise(() => undefined);
}, 600_000);
