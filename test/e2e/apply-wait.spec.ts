import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tidings } from '../harness/command-line.js';
import { eventually } from '../harness/eventually.js';
import { Installation } from '../harness/installation.js';

describe('publishing a segment, and waiting for it', () => {
  let here: Installation;
  let folder: string;
  beforeAll(async () => {
    here = await Installation.start({ form: 'standalone' });
    folder = mkdtempSync(join(tmpdir(), 'tidings-apply-'));
    mkdirSync(join(folder, 'segments'));
    writeFileSync(join(folder, 'segments', 'seers.yaml'), 'where:\n  performed: Seen\n');
  }, 120_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await here.stop();
  }, 60_000);

  it('tells everybody who was there before, and says so', async () => {
    const people = ['ann', 'bob', 'cleo'];
    const sent = await here.segment('batch', { batch: people.map((userId) => ({ type: 'track', userId, event: 'Seen' })) });
    expect(sent.status).toBe(200);
    await eventually(async () => {
      for (const id of people) await here.api('GET', `/api/v1/profiles/${id}`);
    });
    const applied = await tidings(here, ['apply', folder, '--wait']);
    expect(applied).toMatchObject({ code: 0, stdout: expect.stringMatching(/\+ segment seers created.*\n1 changed, 0 unchanged\n3 profiles were told\n/) });
    expect(await here.api('GET', '/api/v1/segments/seers/members')).toMatchObject({ count: 3 });
    const shown = await tidings(here, ['segments', 'progress', '--watch', '--json']);
    expect([shown.code, JSON.parse(shown.stdout)]).toMatchObject([0, { profiles: { done: 3, of: 3, method: 'exact' }, share: 1, left: 0, changed: [{ id: 'seers' }] }]);
  }, 60_000);
});
