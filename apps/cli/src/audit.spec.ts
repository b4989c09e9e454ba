import { describe, expect, it } from '@jest/globals';
import { auditSegments } from './commands/audit.js';
import { terminalOfSpec } from './terminal.fixture.js';
import { CommandFailed } from './usage-error.js';

const finding = (segment: string, missing: number, profiles: readonly string[]) => ({ segment, members: 3, missing, extra: 0, unproven: 0, profiles });
const page = (segments: readonly ReturnType<typeof finding>[], next: string | null, more: object = {}) => ({
  items: [{
    audited: 200, waiting: 0, overdue: 0, differences: segments.reduce((sum, { missing }) => sum + missing, 0), segments,
    historySince: '2025-01-01T00:00:00.000Z', profiles: null, ...more,
  }], next,
}); // prettier-ignore

/** An API that has these pages, the first under no cursor. */
const apiOf = (...pages: readonly (readonly [string | undefined, object | Error])[]) => ({
  get: <T>(_path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> => {
    const found = pages.find(([after]) => after === query['after'])?.[1];
    return found instanceof Error || found === undefined ? Promise.reject(found ?? new Error('no such page')) : Promise.resolve(found as T);
  },
});

describe('tidings audit segments', () => {
  const terminal = terminalOfSpec();
  const options = { rate: 1_000_000, json: true };

  it('adds up what the pages say', async () => {
    const api = apiOf([undefined, page([finding('a', 0, [])], 'x', { profiles: 400 })], ['x', page([finding('a', 0, []), finding('b', 0, [])], null)]);
    await auditSegments(api, options);
    expect(JSON.parse(terminal.printed)).toMatchObject({ audited: 400, differences: 0, segments: [{ segment: 'a', members: 6 }, { segment: 'b', members: 3 }] });
  });

  it('fails on a difference, whichever page it is on', async () => {
    const api = apiOf([undefined, page([finding('a', 2, ['ann', 'bob'])], 'x')], ['x', page([finding('a', 1, ['eve'])], null)]);
    await expect(auditSegments(api, options)).rejects.toThrow('3 memberships are not what history says');
    expect(JSON.parse(terminal.printed)).toMatchObject({ differences: 3, segments: [{ missing: 3, profiles: ['ann', 'bob', 'eve'] }] });
  });

  it('says where to go on when it breaks off, and goes on there', async () => {
    const api = apiOf([undefined, page([], 'x')], ['x', new CommandFailed('no answer')]);
    await expect(auditSegments(api, options)).rejects.toThrow('no answer\ngo on with --after x');
    await auditSegments(apiOf(['x', page([], null)]), { ...options, after: 'x' });
    expect(JSON.parse(terminal.printed)).toMatchObject({ audited: 200 });
  });
});
