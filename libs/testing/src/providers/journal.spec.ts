import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openJournal, readJournal, type JournalEntry } from './journal.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tidings-journal-'));
});
afterAll(() => rm(dir, { recursive: true }));

const entry = (messageId: string): JournalEntry => ({ provider: 'fcm', messageId, sameAs: messageId, to: 't', at: '2026-03-02T12:00:00.000Z' });

describe('the journal of a simulated provider', () => {
  it('has on the disk what was appended before the append resolves, each once and in order', async () => {
    const file = join(dir, 'a.ndjson');
    const journal = await openJournal(file);
    const ids = Array.from({ length: 500 }, (_, index) => `m${String(index)}`);
    await Promise.all(ids.map((id) => journal.append(entry(id))));
    expect((await readJournal(file)).map(({ messageId }) => messageId)).toEqual(ids);
    await journal.close();
  });

  it('outlives the process, and a last line that was cut off counts for nothing', async () => {
    const file = join(dir, 'b.ndjson');
    for (const id of ['m1', 'm2']) {
      const journal = await openJournal(file);
      await journal.append(entry(id));
      await journal.close();
    }
    await appendFile(file, '{"provider":"fcm","messa');
    expect((await readJournal(file)).map(({ messageId }) => messageId)).toEqual(['m1', 'm2']);
  });

  it('is written by a simulator that runs as its own process and is killed right after its answer', async () => {
    const file = join(dir, 'c.ndjson');
    const runner = fileURLToPath(new URL('run.mjs', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', runner, '--kind', 'sendgrid', '--journal', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
    const { url } = JSON.parse(line) as { url: string };
    const mail = { personalizations: [{ to: [{ email: 'a@shop.example' }] }], headers: { 'Message-ID': '<m9@shop.example>' } };
    const answer = await fetch(`${url}/v3/mail/send`, { method: 'POST', headers: { authorization: 'Bearer SG.x' }, body: JSON.stringify(mail) });
    child.kill('SIGKILL');
    expect(answer.status).toBe(202);
    expect(await readJournal(file)).toMatchObject([{ provider: 'sendgrid', messageId: 'm9', to: 'a@shop.example' }]);
  });
});
