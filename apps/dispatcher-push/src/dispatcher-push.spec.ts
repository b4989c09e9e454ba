import { describe, expect, it } from '@jest/globals';
import { deliveryEvents, events, recalls, sandboxMessages, type SendRecalled } from '@tidings/contracts';
import { fromNow, templateRecord } from '@tidings/testing';
import { pushFixture } from './push-dispatcher.fixture.js';

const t = pushFixture();

async function recall(what: Pick<SendRecalled, 'runId' | 'channel' | 'reason'>): Promise<void> {
  const message: SendRecalled = { v: 1, workspace: 'demo', profileId: 'profile of token-1', ...what, at: fromNow(0) };
  await t.push.recalls.keep(await t.world.batchOn(recalls, [message]));
}

describe('a decided push', () => {
  it('is sent once, recorded and told, however often it is asked for', async () => {
    const message = t.world.send('token-1');
    const first = await t.world.batch([message]);
    await t.push.dispatcher.handle(first);
    await t.push.dispatcher.handle(await t.world.batch([message, message]));
    expect(t.fcm.accepted().map(({ messageId, sameAs, to }) => ({ messageId, sameAs, to }))).toEqual([
      { messageId: message.messageId, sameAs: `${message.messageId} ${message.messageId}`, to: 'token-1' },
    ]);
    expect(await t.world.row(message)).toMatchObject({ state: 'sent', attempt: 1, prior_ambiguous: false, request: null, provider_message_id: `projects/demo/messages/${message.messageId}` });
    expect(t.world.told(message)).toEqual(['sent accepted 1']);
  });

  it('goes to each device of the recipient, and each is told by itself', async () => {
    const message = t.world.send('a', { endpoints: [{ id: 'a', address: 'token-a' }, { id: 'b', address: 'unregistered:b' }] });
    await t.push.dispatcher.handle(await t.world.batch([message]));
    expect(t.fcm.accepted().map(({ to }) => to)).toEqual(['token-a']);
    expect(t.world.told(message).toSorted()).toEqual(['failed bad-address 1', 'sent accepted 1']);
    expect(t.publisher.published(deliveryEvents)[0]).toMatchObject({ endpoints: 2, journey: message.journey, dueAt: message.dueAt });
  });

  it('goes to the sandbox where there is no provider', async () => {
    t.records = t.records.filter(({ kind }) => kind !== 'provider');
    const message = t.world.send('token-1');
    await t.begin().dispatcher.handle(await t.world.batch([message]));
    expect(t.publisher.published(sandboxMessages)).toMatchObject([{ messageId: message.messageId, to: 'token-1', content: { title: 'Hi Ada', body: 'x' }, journey: 'welcome', step: 'push' }]);
    expect(await t.world.row(message)).toMatchObject({ state: 'sent' });
  });

  it('in hundreds costs a handful of statements and is sent in order for each profile', async () => {
    const messages = Array.from({ length: 250 }, (_, index) => t.world.send(`token-${String(index)}`, { profileId: `p${String(index % 50)}` }));
    await t.push.dispatcher.handle(await t.world.batch(messages));
    expect(new Set(t.fcm.accepted().map(({ messageId }) => messageId)).size).toBe(250);
    for (let profile = 0; profile < 50; profile += 1) {
      const asked = messages.filter(({ profileId }) => profileId === `p${String(profile)}`).map(({ messageId }) => messageId);
      expect(t.fcm.accepted().map(({ messageId }) => messageId).filter((id) => asked.includes(id))).toEqual(asked);
    }
  });
});

describe('the last look before a call', () => {
  it('withholds what was recalled after it was decided, and sends what became due later', async () => {
    const run = { id: 'cart', version: 1, runId: 'run-9', step: 'push' };
    const [exited, later, otherRun] = [t.world.send('token-1', { journey: run }), t.world.send('token-1', { journey: run, dueAt: fromNow(60_000) }), t.world.send('token-1')];
    await recall({ runId: 'run-9', channel: null, reason: 'exited' });
    await t.push.dispatcher.handle(await t.world.batch([exited, later, otherRun]));
    expect(t.world.told(exited)).toEqual(['withheld exited 0']);
    expect(t.fcm.accepted().map(({ messageId }) => messageId)).toEqual([later.messageId, otherRun.messageId]);
  });

  it('heeds a withdrawal of consent on its own channel only, also for retries', async () => {
    t.fcm.behave({ answer: 'unavailable', times: 1 });
    const message = t.world.send('token-1');
    await t.push.dispatcher.handle(await t.world.batch([message]));
    await recall({ runId: null, channel: 'email', reason: 'consent-withdrawn' });
    await recall({ runId: null, channel: 'push', reason: 'consent-withdrawn' });
    await t.world.makeRetriesDue();
    await t.retry();
    expect(t.fcm.accepted()).toEqual([]);
    expect(await t.world.row(message)).toMatchObject({ state: 'withheld', reason: 'consent-withdrawn', request: null });
  });

  it('never again calls for a token that is gone, under whatever device id', async () => {
    const gone = t.world.send('unregistered:1');
    await t.push.dispatcher.handle(await t.world.batch([gone]));
    expect(await t.world.row(gone)).toMatchObject({ state: 'failed', reason: 'bad-address', attempt: 1 });
    const again = t.world.send('unregistered:1', { endpoints: [{ id: 'tablet', address: 'unregistered:1' }] });
    await t.push.dispatcher.handle(await t.world.batch([again]));
    expect(t.fcm.calls()).toBe(1);
    expect(t.world.told(again)).toEqual(['withheld suppressed 0']);
    const kept = await t.db.rows<{ address_hash: string }>('select address_hash from dispatcher_push.suppression');
    expect(kept).toHaveLength(1);
    expect(kept[0]?.address_hash).not.toContain('unregistered');
  });

  it('that finds a token gone tells it as an event of the profile, once for both attempts to say so', async () => {
    const gone = t.world.send('unregistered:1', { profileId: 'anonymous:a-1' });
    const batch = await t.world.batch([gone]);
    t.publisher.failWith();
    await expect(t.push.dispatcher.handle(batch)).rejects.toThrow();
    t.publisher.failWith(null);
    await t.begin().dispatcher.handle(batch);
    const { messageId, profileId, dueAt } = gone;
    expect(t.publisher.published(events)).toMatchObject([{
      type: 'receipt', source: 'provider', profileId, userId: null, anonymousId: 'a-1', properties: { bounce: 'hard' },
      context: { device: { id: 'phone', token: 'unregistered:1' } },
      receipt: { kind: 'bounced', messageId, channel: 'push', dueAt, endpoint: 'phone' },
    }]); // prettier-ignore
  });

  it('lets nothing leave after its time', async () => {
    const late = t.world.send('token-1', { expiresAt: fromNow(-1) });
    t.fcm.behave({ answer: 'quota-exceeded', retryAfterSeconds: 60, times: 1 });
    const waits = t.world.send('token-2', { expiresAt: fromNow(30_000) });
    await t.push.dispatcher.handle(await t.world.batch([late, waits]));
    expect(t.world.told(late)).toEqual(['withheld expired 0']);
    expect((await t.world.row(waits))?.wait_s).toBeLessThan(31);
  });
});

describe('a template that is a bomb', () => {
  it('fails its own messages soon, and its neighbours go', async () => {
    const loops = '{% for i in (1..9999) %}{% for j in (1..9999) %}{{ i }}{% endfor %}{% endfor %}';
    t.records.push(templateRecord('bomb', { push: { title: 'x', body: loops } }));
    t.push = t.begin();
    const bombs = Array.from({ length: 50 }, (_, index) => t.world.send(`bomb-${String(index)}`, { template: { id: 'bomb', version: 1 } }));
    const neighbours = Array.from({ length: 50 }, (_, index) => t.world.send(`token-${String(index)}`));
    const began = performance.now();
    await t.push.dispatcher.handle(await t.world.batch([...bombs, ...neighbours]));
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(t.fcm.accepted()).toHaveLength(50);
    for (const bomb of bombs) expect(t.world.told(bomb)).toEqual(['failed render-failed 1']);
  });
});
