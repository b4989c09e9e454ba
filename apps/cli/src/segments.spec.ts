import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { previewSegment } from './commands/segments.js';
import { terminalOfSpec } from './terminal.fixture.js';

describe('tidings segments preview', () => {
  const terminal = terminalOfSpec();
  const file = (text: string): string => {
    const path = join(terminal.folder, 'pro.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('sends what the file asks, and tells size, bounds and cuts', async () => {
    const sent: unknown[] = [];
    const answer = {
      size: 1200, low: 1000, high: 1400, method: 'estimated', profiles: 200_000, sampled: 1000, sample: ['ann', 'bob'],
      cut: [{ place: 'where.all[0]', size: 0, low: 0, high: 0 }],
    }; // prettier-ignore
    const api = { send: <T>(_method: string, _path: string, body?: unknown): Promise<T> => { sent.push(body); return Promise.resolve(answer as T); } };
    await previewSegment(api, file('where:\n  trait: plan\n  equals: pro\n'), {});
    expect(sent).toEqual([{ where: { trait: 'plan', equals: 'pro' } }]);
    expect(terminal.printed).toBe('1,200 (1,000 to 1,400) of 200,000 profiles\nestimated from 1,000 that chance picked; in 95 of 100 such samples the bounds hold\n    where.all[0]  leaves 0\nsuch as ann, bob\n');
  });

  it('sends nothing of a file that says nothing', async () => {
    const api = { send: <T>(): Promise<T> => Promise.reject(new Error('sent')) };
    await expect(previewSegment(api, file('trait: plan\n'), {})).rejects.toThrow('has no where');
    await expect(previewSegment(api, join(terminal.folder, 'none.yaml'), {})).rejects.toThrow('there is no file');
  });
});
