import { describe, expect, it } from '@jest/globals';
import { batchOf } from '@tidings/bus';
import { erasures, type ErasureStep } from '@tidings/contracts';
import { PostgresPositions } from '@tidings/postgres';
import { fromNow } from '@tidings/testing';
import { pushFixture } from './push-dispatcher.fixture.js';

const t = pushFixture();

const step = (ids: string[], change: Partial<ErasureStep> = {}): ErasureStep => ({
  v: 1, workspace: 'demo', erasureId: 'e1', store: 'orchestrator', ids, requestedAt: fromNow(-500), at: fromNow(0), rows: 1, ...change,
}); // prettier-ignore
async function erase(...steps: ErasureStep[]): Promise<void> {
  await new PostgresPositions(t.db.database).begin('dispatcher_push', 'dispatcher-push', 'erasures', 0, 0);
  await t.push.erasing.handle(batchOf(erasures, steps, { position: { schema: 'dispatcher_push', consumer: 'dispatcher-push' } }));
}
const ledger = async (): Promise<string> => JSON.stringify(await t.db.rows('select * from dispatcher_push.ledger'));
const token = 'canary-token-of-ann';
const toAnn = (change: object = {}) => t.world.send(token, { profileId: 'ann', variables: { profile: { name: 'canary' } }, ...change });

describe('an erasure', () => {
  it('takes address and content out of what waits for a retry, which is then told as withheld and never sent', async () => {
    t.fcm.behave({ answer: 'unavailable', times: 1 });
    const message = toAnn();
    await t.push.dispatcher.handle(await t.world.batch([message]));
    expect(await ledger()).toContain('canary');
    await erase(step(['ann', 'anonymous:d1']));
    expect(await ledger()).not.toContain('canary');
    await t.world.makeRetriesDue();
    await t.retry();
    expect(await t.world.row(message)).toMatchObject({ state: 'withheld', reason: 'erased', request: null });
    expect(t.world.told(message).at(-1)).toMatch(/^withheld erased/);
    expect(t.fcm.accepted()).toEqual([]);
    expect(t.publisher.published(erasures)).toMatchObject([{ store: 'dispatcher-push', ids: ['ann', 'anonymous:d1'] }]);
  });

  it('keeps what was decided before it from leaving, under whichever id, and lets a new profile have its messages', async () => {
    await erase(step(['ann', 'anonymous:d1']));
    const [before, former] = [toAnn({ dueAt: fromNow(-1_000) }), toAnn({ profileId: 'anonymous:d1', dueAt: fromNow(-1_000) })];
    const after = toAnn({ dueAt: fromNow(1_000) });
    await t.push.dispatcher.handle(await t.world.batch([before, former, after]));
    expect(t.fcm.accepted().map(({ messageId }) => messageId)).toEqual([after.messageId]);
    expect([...t.world.told(before), ...t.world.told(former)]).toEqual(['withheld erased 0', 'withheld erased 0']);
    expect(await ledger()).not.toContain('canary');
  });

  it('takes out what the provider said, also when it said so later', async () => {
    const refused = toAnn({ dueAt: fromNow(-1_000) });
    await t.push.dispatcher.handle(await t.world.batch([refused]));
    const said = () => t.db.rows(`update dispatcher_push.ledger set detail = 'no such device: ${token}' where profile_id = 'ann'`);
    await said();
    await erase(step(['ann']));
    expect(await ledger()).not.toContain('canary');
    await said();
    await t.push.erasing.sweep(['demo']);
    expect(await ledger()).not.toContain('canary');
  });

  it('leaves suppressed addresses suppressed, others alone, and steps of other stores to them', async () => {
    await t.push.dispatcher.handle(await t.world.batch([t.world.send('unregistered:1', { profileId: 'ann' })]));
    t.fcm.behave({ answer: 'unavailable', times: 1 });
    const other = t.world.send('token-of-bob', { profileId: 'bob' });
    await t.push.dispatcher.handle(await t.world.batch([other]));
    await erase(step(['bob'], { store: 'segmentation' }), step(['ann']));
    expect(await t.db.rows('select 1 from dispatcher_push.suppression')).toHaveLength(1);
    expect(await t.world.row(other)).toMatchObject({ state: 'retry' });
    expect(await ledger()).toContain('token-of-bob');
  });
});
