import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testDatabase, type TestDatabase } from '@tidings/testing';
import { type Columns, type RowOf, rowSet } from './row-set.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase([]);
});
afterAll(() => db.drop());

const flat = { id: 'text', key: 'uuid', ready: 'bool', size: 'int4', offset: 'int8', share: 'float8', day: 'date', at: 'timestamptz' } as const;
const wide = { ...flat, body: 'jsonb' } as const;
const row = {
  id: 'one',
  key: '6f2c7a52-8f35-5c1e-9d0a-3b1f6f1d2c01',
  ready: true,
  size: -3,
  offset: 9_007_199_254_740_991,
  share: 0.25,
  day: '2026-03-02',
  at: new Date('2026-03-02T12:00:00.123Z'),
};
const nothing = { id: null, key: null, ready: null, size: null, offset: null, share: null, day: null, at: null };

function through<C extends Columns>(columns: C, rows: readonly RowOf<C>[]): Promise<Record<string, unknown>[]> {
  const set = rowSet(columns);
  return db.database.transact({ workspaces: [] }, (tx) => tx.query(`select * from ${set.source()}`, set.parameters(rows)));
}

describe('rowSet', () => {
  it.each<[string, Columns, RowOf<Columns>[]]>([
    ['flat rows', flat, [row, nothing]],
    ['rows with a document', wide, [{ ...row, body: { list: [1, [2]], text: '"{}\\' } }, { ...nothing, body: null }]],
    ['rows with a list as document', wide, [{ ...row, body: ['a', 'b'] }]],
    ['no rows', flat, []],
    ['no rows with a document', wide, []],
  ])('brings %s to Postgres as they are', async (_case, columns, rows) => {
    expect(await through(columns, rows)).toEqual(rows);
  });

  it('brings any text, whatever it looks like', async () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && value.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, fc.constantFrom('NULL', '{}', '"', '\\', '\\"', ',', '')), { maxLength: 20 }), async (values) => {
        const rows = values.map((id) => ({ id }));
        expect(await through({ id: 'text' }, rows)).toEqual(rows);
        const documents = values.map((id) => ({ id, body: { id } }));
        expect(await through({ id: 'text', body: 'jsonb' }, documents)).toEqual(documents);
      }),
      { numRuns: 50 },
    );
  });

  it('counts its parameters from where it is told', async () => {
    const set = rowSet({ id: 'text', size: 'int4' });
    const rows = await db.database.transact({ workspaces: [] }, (tx) =>
      tx.query(`select $1::text as workspace, ${set.names} from ${set.source(2)}`, ['a', ...set.parameters([{ id: 'x', size: 1 }])]),
    );
    expect(rows).toEqual([{ workspace: 'a', id: 'x', size: 1 }]);
  });

  it('refuses an object where a plain value belongs, and a name that is not plain', () => {
    expect(() => rowSet({ id: 'text' }).parameters([{ id: { deep: true } }])).toThrow(TypeError);
    expect(() => rowSet({ 'id"; drop table x': 'text' })).toThrow('plain lower-case name');
  });
});
