import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { diff } from './commands/apply.js';
import { terminalOfSpec } from './terminal.fixture.js';

describe('tidings diff', () => {
  const terminal = terminalOfSpec();

  it('names what depends on what would change', async () => {
    const { folder } = terminal;
    mkdirSync(join(folder, 'segments'));
    writeFileSync(join(folder, 'segments', 'buyers.yaml'), 'where:\n  performed: Ordered\n');
    const dependents = [
      { kind: 'segment', id: 'lapsed', place: 'where.not.segment', through: [] },
      { kind: 'journey', id: 'hello', place: 'entry[0].segment', through: ['lapsed'] },
    ];
    const changes = [{ kind: 'segment', id: 'buyers', change: 'updated', version: 2, dependents }];
    const api = {
      list: <T>(): Promise<T[]> => Promise.resolve([]),
      send: <T>(): Promise<T> => Promise.resolve({ changes } as T),
    };
    await diff(api, folder, {});
    expect(terminal.printed.split('\n').slice(0, 3)).toEqual([
      '~ segment buyers updated, version 2',
      '    and with it segment lapsed (where.not.segment)',
      '    and with it journey hello (entry[0].segment, by lapsed)',
    ]);
  });
});
