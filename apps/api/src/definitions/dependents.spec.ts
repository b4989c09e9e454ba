import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { definitions } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { recordingPublisher, testDatabase, type TestDatabase } from '@tidings/testing';
import { apiSchema } from '../api.schema.js';
import { DefinitionPublisher } from './definition-publisher.js';
import { DefinitionsController } from './definitions.controller.js';
import { DefinitionsStore } from './definitions.store.js';

const caller = { workspace: 'demo', keyId: 'abc', scopes: [] };
const buyers = (name: string) => ({ id: 'buyers', where: { performed: name } });
const lapsed = { id: 'lapsed', where: { not: { segment: 'buyers' } } };
const spent = { id: 'spent', performed: 'Ordered', sum: 'total' };
const spenders = { id: 'spenders', where: { computed: 'spent', atLeast: 100 } };
const journey = (segment: string) => ({ id: 'hello', entry: [{ segment }], steps: [{ id: 'wait', delay: '1h' }] });

describe('what depends on a segment', () => {
  let db: TestDatabase;
  let controller: DefinitionsController;
  beforeAll(async () => {
    db = await testDatabase([apiSchema]);
    const [store, publisher, catalog] = [new DefinitionsStore(db.database), recordingPublisher(), new Catalog()];
    controller = new DefinitionsController(store, new DefinitionPublisher(store, publisher), catalog);
    await controller.apply('demo', caller, {
      segments: [buyers('Ordered'), lapsed, spenders],
      computedTraits: [spent],
      journeys: [journey('lapsed')],
    });
    for (const record of publisher.published(definitions)) catalog.put(record);
  });
  afterAll(() => db.drop());

  it('is answered by its place, and by way of what', async () => {
    const { items } = await controller.dependents('demo', 'segment', 'buyers');
    expect(items).toEqual([
      { kind: 'segment', id: 'lapsed', place: 'where.not.segment', through: [] },
      { kind: 'journey', id: 'hello', place: 'entry[0].segment', through: ['lapsed'] },
    ]);
    expect((await controller.dependents('demo', 'segment', 'lapsed')).items).toEqual([{ kind: 'journey', id: 'hello', place: 'entry[0].segment', through: [] }]);
    await expect(controller.dependents('demo', 'segment', 'none')).rejects.toMatchObject({ status: 404 });
    expect((await controller.dependents('demo', 'journey', 'hello')).items).toEqual([]);
  });

  it('is answered for computed traits, which are published, listed and changed like segments', async () => {
    const asking = { kind: 'segment', id: 'spenders', place: 'where.computed', through: [] };
    expect((await controller.dependents('demo', 'computed-trait', 'spent')).items).toEqual([asking]);
    expect((await controller.list('demo', { kind: 'computed-trait' })).items).toMatchObject([{ kind: 'computed-trait', id: 'spent', version: 1 }]);
    const change = { computedTraits: [{ ...spent, withinLast: '90d' }] };
    const { changes } = await controller.apply('demo', caller, { ...change, dryRun: true });
    expect(changes).toEqual([{ kind: 'computed-trait', id: 'spent', change: 'updated', version: 2, dependents: [asking] }]);
    await expect(controller.apply('demo', caller, { segments: [{ id: 'x', where: { computed: 'gone', exists: true } }] })).rejects.toMatchObject({ status: 422 });
  });

  it('is part of what a dry run says, as it will be then, for what changes and not for the rest', async () => {
    const set = { segments: [buyers('Bought'), lapsed, { id: 'new', where: { segment: 'buyers' } }], journeys: [journey('new')] };
    const { changes } = await controller.apply('demo', caller, { ...set, dryRun: true });
    expect(changes.map(({ id, change, dependents = [] }) => [id, change, ...dependents.map((each) => `${each.kind} ${each.id}`)])).toEqual([
      ['buyers', 'updated', 'segment lapsed', 'segment new', 'journey hello'],
      ['lapsed', 'unchanged'],
      ['new', 'created'],
      ['hello', 'updated'],
    ]);
  });

  it('keeps the moment of a snapshot, and says before publishing whether one is taken', async () => {
    const them = { id: 'them', where: { segment: 'buyers' }, snapshot: true };
    const dry = async (change: object) => (await controller.apply('demo', caller, { segments: [{ ...them, ...change }], dryRun: true })).changes[0];
    expect(await dry({})).toEqual({ kind: 'segment', id: 'them', change: 'created', version: 1, takenAt: null });
    await controller.apply('demo', caller, { segments: [them] });
    const { publishedAt, takenAt } = await controller.show('demo', 'segment', 'them');
    expect(takenAt).toEqual(publishedAt);
    expect(await dry({ name: 'Them' })).toMatchObject({ change: 'updated', takenAt });
    expect(await dry({ where: { segment: 'lapsed' } })).toMatchObject({ change: 'updated', takenAt: null });
    await controller.apply('demo', caller, { segments: [{ ...them, name: 'Them' }] });
    const { items } = await controller.history('demo', 'segment', 'them');
    expect(items.map((version) => version.takenAt)).toEqual([takenAt, takenAt]);
    expect(items[0]?.publishedAt).not.toEqual(takenAt);
  });
});
