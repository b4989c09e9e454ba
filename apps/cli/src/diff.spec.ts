import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { apply } from './commands/apply.js';

describe('tidings diff', () => {
  let folder: string;
  let printed = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'diff-'));
    mkdirSync(join(folder, 'segments'));
    writeFileSync(join(folder, 'segments', 'buyers.yaml'), 'where:\n  performed: Ordered\n');
    printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it('names what depends on what would change', async () => {
    const dependents = [
      { kind: 'segment', id: 'lapsed', place: 'where.not.segment', through: [] },
      { kind: 'journey', id: 'hello', place: 'entry[0].segment', through: ['lapsed'] },
    ];
    const changes = [{ kind: 'segment', id: 'buyers', change: 'updated', version: 2, dependents }];
    const api = {
      list: <T>(): Promise<T[]> => Promise.resolve([]),
      send: <T>(): Promise<T> => Promise.resolve({ changes } as T),
    };
    await apply(api, folder, { dryRun: true });
    expect(printed.split('\n').slice(0, 3)).toEqual([
      '~ segment buyers updated, version 2',
      '    and with it segment lapsed (where.not.segment)',
      '    and with it journey hello (entry[0].segment, by lapsed)',
    ]);
  });
});
