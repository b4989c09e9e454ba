import { describe, expect, it } from '@jest/globals';
import { InfrastructureError } from '@tidings/bus';
import type { SendRequested } from '@tidings/contracts';
import { Catalog } from '@tidings/service';
import { templateRecord, workspaceRecord } from '@tidings/testing';
import { pushFixture } from './push-dispatcher.fixture.js';

const t = pushFixture();

describe('a provider in trouble', () => {
  it('that says 429 is not called before Retry-After, costs no attempt, and the message goes then', async () => {
    t.fcm.behave({ answer: 'quota-exceeded', retryAfterSeconds: 1, times: 1 });
    const message = t.world.send('token-1');
    const began = performance.now();
    await t.push.dispatcher.handle(await t.world.batch([message]));
    expect(await t.world.row(message)).toMatchObject({ state: 'retry', attempt: 0, reason: 'throttled' });
    const waited = t.world.send('token-2');
    await t.push.dispatcher.handle(await t.world.batch([waited]));
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
    await t.world.makeRetriesDue();
    await t.retry();
    expect(t.fcm.calls()).toBe(3);
    expect(await t.world.row(message)).toMatchObject({ state: 'sent', attempt: 1, prior_ambiguous: false });
    expect(t.world.told(message)).toEqual(['delayed throttled 0', 'sent accepted 1']);
  });

  it('claims nothing while it waits, and lets go when told to', async () => {
    t.fcm.behave({ answer: 'quota-exceeded', retryAfterSeconds: 60, times: 1 });
    await t.push.dispatcher.handle(await t.world.batch([t.world.send('token-1')]));
    const message = t.world.send('token-2');
    const leaving = new AbortController();
    const waiting = t.push.dispatcher.handle(await t.world.batch([message], 'triggered', leaving.signal));
    leaving.abort();
    await expect(waiting).rejects.toThrow(InfrastructureError);
    expect(await t.world.row(message)).toBeUndefined();
    expect(await t.retry()).toBe(false);
    expect(t.fcm.calls()).toBe(1);
  });

  it('puts off the rest of the batch without calling, and holds up no other workspace', async () => {
    t.records.push(workspaceRecord('other'), templateRecord('hello', { push: { title: 'Hi', body: 'x' } }, 'other'), t.account('other'));
    t.push = t.begin({ PROVIDER_CONCURRENCY: 1 });
    const throttled = Array.from({ length: 20 }, (_, index) => t.world.send(index === 0 ? 'quota-exceeded:1' : `token-${String(index)}`));
    const others = Array.from({ length: 5 }, (_, index) => t.world.send(`other-${String(index)}`, { workspace: 'other' }));
    await t.push.dispatcher.handle(await t.world.batch([...throttled, ...others]));
    expect(t.fcm.accepted().map(({ to }) => to).toSorted()).toEqual(others.map(({ endpoints }) => endpoints[0]?.address));
    const states = await t.db.rows<{ state: string; attempt: number; count: number }>("select state, attempt, count(*)::int from dispatcher_push.ledger where workspace = 'demo' group by 1, 2");
    expect(states).toEqual([{ state: 'retry', attempt: 0, count: 20 }]);
  });

  it('that does not answer is asked again, as ambiguous, and given up after the last attempt', async () => {
    t.records = [...t.records.filter(({ kind }) => kind !== 'provider'), t.account('demo', t.fcm.serviceAccount(), 500)];
    t.push = t.begin();
    const message = t.world.send('accept-and-hang:1');
    await t.push.dispatcher.handle(await t.world.batch([message]));
    expect(await t.world.row(message)).toMatchObject({ state: 'retry', attempt: 1, prior_ambiguous: true, reason: 'no-answer' });
    for (let round = 0; round < 4; round += 1) {
      await t.world.makeRetriesDue();
      await t.retry();
    }
    expect(t.fcm.accepted()).toHaveLength(3);
    expect(await t.world.row(message)).toMatchObject({ state: 'failed', attempt: 3, reason: 'attempts-exhausted', request: null });
    expect(t.world.told(message)).toEqual(['ambiguous no-answer 1', 'ambiguous no-answer 2', 'failed attempts-exhausted 3']);
  });

  it('that is slow with one message holds up no others: its answer is recorded when it comes', async () => {
    t.records = [...t.records.filter(({ kind }) => kind !== 'provider'), t.account('demo', t.fcm.serviceAccount(), 4_000)];
    t.push = t.begin();
    const [slow, other] = [t.world.send('hang:1'), t.world.send('token-2')];
    await t.push.dispatcher.handle(await t.world.batch([slow, other]));
    expect(await t.world.row(other)).toMatchObject({ state: 'sent' });
    expect(await t.world.row(slow)).toMatchObject({ state: 'claimed', attempt: 1, prior_ambiguous: false, request: { messageId: slow.messageId } });
    expect((await t.world.row(slow))?.wait_s).toBeGreaterThan(30);
    expect(t.world.told(slow)).toEqual([]);
    await t.push.dispatcher.settle();
    expect(await t.world.row(slow)).toMatchObject({ state: 'retry', attempt: 1, prior_ambiguous: true, reason: 'no-answer' });
    expect(t.world.told(slow)).toEqual(['ambiguous no-answer 1']);
  });

  it('that is slow is not called again while it may still answer, though the batch is tried again', async () => {
    t.records = [...t.records.filter(({ kind }) => kind !== 'provider'), t.account('demo', t.fcm.serviceAccount(), 4_000)];
    t.push = t.begin();
    const slow = t.world.send('hang:1');
    const batch = await t.world.batch([slow, t.world.send('token-2')]);
    t.publisher.failWith();
    await expect(t.push.dispatcher.handle(batch)).rejects.toThrow(InfrastructureError);
    t.publisher.failWith(null);
    await t.push.dispatcher.handle(batch);
    expect(t.fcm.calls()).toBe(2);
    expect(t.world.told(slow)).toEqual(['ambiguous no-answer 1']);
  });

  it('closes the gate on a wrong project, and no token is suppressed for it', async () => {
    const messages = [t.world.send('not-found:1'), t.world.send('not-found:2')];
    await t.push.dispatcher.handle(await t.world.batch(messages));
    expect(await t.world.row(messages[0] as SendRequested)).toMatchObject({ state: 'retry', attempt: 0, reason: 'misconfigured' });
    expect((await t.world.row(messages[0] as SendRequested))?.wait_s).toBeGreaterThan(25);
    expect(await t.db.rows('select 1 from dispatcher_push.suppression')).toEqual([]);
    await t.world.makeRetriesDue();
    expect(await t.retry()).toBe(false);
    expect(t.fcm.calls()).toBeLessThanOrEqual(2);
  });

  it('with credentials of another master key waits for a person, and goes on when it is mended', async () => {
    t.records = [workspaceRecord('demo'), templateRecord('hello', { push: { title: 'Hi', body: 'x' } }), t.account('demo', { project_id: 'demo' })];
    const catalog = Catalog.of(t.records);
    t.push = t.begin({}, catalog);
    const message = t.world.send('token-1');
    await t.push.dispatcher.handle(await t.world.batch([message]));
    expect(await t.world.row(message)).toMatchObject({ state: 'retry', attempt: 0, reason: 'misconfigured' });
    catalog.put({ ...t.account(), version: 2 });
    await t.world.makeRetriesDue();
    await t.retry();
    expect(await t.world.row(message)).toMatchObject({ state: 'sent', attempt: 1 });
  });

  it('loses no message when it tells its connections to go away', async () => {
    t.fcm.behave({ latencyMs: 5 });
    const messages = Array.from({ length: 200 }, (_, index) => t.world.send(`token-${String(index)}`));
    const sending = t.push.dispatcher.handle(await t.world.batch(messages));
    const interval = setInterval(() => t.fcm.goAway(), 10);
    await sending;
    clearInterval(interval);
    expect(new Set(t.fcm.accepted().map(({ messageId }) => messageId)).size).toBe(200);
    expect(await t.db.rows("select state, reason, detail, count(*)::int from dispatcher_push.ledger where state <> 'sent' group by 1,2,3")).toEqual([]);
  });
});
