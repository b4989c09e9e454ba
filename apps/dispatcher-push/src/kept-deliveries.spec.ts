import { describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import { erasures } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { fromNow } from '@tidings/testing';
import { pushFixture } from './push-dispatcher.fixture.js';

const t = pushFixture();
const kept = (profileId: string, query: object = {}, workspace = 'demo') => t.push.keptDeliveries.page(workspace, profileId, query);
const toAnn = () => t.world.send('token-of-ann', { profileId: 'ann', variables: { profile: { name: 'Ann' } } });

describe('what is kept of a person', () => {
  it('is what waits with its address, what a provider said, and recalls, page by page, for nobody else', async () => {
    t.fcm.behave({ answer: 'unavailable', times: 1 });
    const waiting = toAnn();
    await t.push.dispatcher.handle(await t.world.batch([waiting, t.world.send('unregistered:1', { profileId: 'ann' }), t.world.send('token-of-bob', { profileId: 'bob' })]));
    await t.db.rows(`update dispatcher_push.ledger set detail = 'no such device' where endpoint <> '' and state = 'failed'`);
    await t.db.rows(`insert into dispatcher_push.recall values ('demo', 'ann', 'run-1', 'exited', now()), ('demo', 'bob', 'run-2', 'exited', now())`);
    const { items, next } = await kept('ann');
    expect(items.map(({ kind }) => kind)).toEqual(['delivery', 'delivery', 'recall']);
    expect(next).toBeNull();
    expect(items).toEqual(expect.arrayContaining([
      expect.objectContaining({ held: expect.objectContaining({ messageId: waiting.messageId, state: 'retry', request: expect.objectContaining({ variables: { profile: { name: 'Ann' } } }) }) }),
      expect.objectContaining({ held: expect.objectContaining({ state: 'failed', detail: 'no such device', request: null }) }),
      expect.objectContaining({ kind: 'recall', held: { runId: 'run-1', reason: 'exited' } }),
    ])); // prettier-ignore
    const paged: unknown[] = [];
    for (let after: string | undefined, page = await kept('ann', { limit: '1' }); ; page = await kept('ann', { limit: '1', after })) {
      paged.push(...page.items);
      if (page.next === null) break;
      after = page.next;
    }
    expect(paged).toEqual(items);
    expect((await kept('ann', {}, 'other')).items).toEqual([]);
    expect((await kept('nobody')).items).toEqual([]);
  });

  it('names neither address nor content once the person was erased', async () => {
    t.fcm.behave({ answer: 'unavailable', times: 1 });
    await t.push.dispatcher.handle(await t.world.batch([toAnn()]));
    await new PostgresPositions(t.db.database).begin('dispatcher_push', 'dispatcher-push', 'erasures', 0, 0);
    const step = { v: 1, workspace: 'demo', erasureId: 'e1', store: 'orchestrator', requestedAt: fromNow(-500), at: fromNow(0), rows: 1 } as const;
    await t.push.erasing.handle(batchOf(erasures, [{ ...step, ids: ['ann'] }], { position: { schema: 'dispatcher_push', consumer: 'dispatcher-push' } }));
    expect(JSON.stringify((await kept('ann')).items)).not.toMatch(/token-of-ann|"Ann"/);
    expect((await kept('ann')).items.at(-1)).toMatchObject({ kind: 'recall', id: '', held: { reason: 'erased' } });
  });
});
