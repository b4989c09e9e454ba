import { describe, expect, it } from '@jest/globals';
import { InfrastructureError, PartitionLost } from '@tidings/bus';
import { pushFixture } from './push-dispatcher.fixture.js';

const t = pushFixture();

describe('a crash between the call and its record', () => {
  it('costs one repetition that devices recognise, marked as ambiguous', async () => {
    const [lost, other] = [t.world.send('token-1'), t.world.send('token-2')];
    const unrecorded = await t.world.batch([lost, other]);
    t.publisher.failWith();
    await expect(t.push.dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    t.publisher.failWith(null);
    await t.begin().dispatcher.handle(unrecorded);
    const calls = t.fcm.accepted().filter(({ messageId }) => messageId === lost.messageId);
    expect(calls).toHaveLength(2);
    expect(new Set(calls.map(({ sameAs }) => sameAs)).size).toBe(1);
    expect(await t.world.row(lost)).toMatchObject({ state: 'sent', attempt: 2, prior_ambiguous: true });
    expect(t.world.told(lost)).toEqual(['ambiguous interrupted 1', 'sent accepted 2']);
  });

  it('is none while the process lives: the batch tried again does not call again', async () => {
    const message = t.world.send('token-1');
    const unrecorded = await t.world.batch([message]);
    t.publisher.failWith();
    await expect(t.push.dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    t.publisher.failWith(null);
    await t.push.dispatcher.handle(unrecorded);
    expect(t.fcm.accepted()).toHaveLength(1);
    expect(await t.world.row(message)).toMatchObject({ state: 'sent', attempt: 1, prior_ambiguous: false });
    expect(t.world.told(message)).toEqual(['sent accepted 1']);
  });

  it('leaves a message of an at-most-once lane alone', async () => {
    const message = t.world.send('token-1', { lane: 'transactional' });
    const unrecorded = await t.world.batch([message], 'transactional');
    t.publisher.failWith();
    await expect(t.push.dispatcher.handle(unrecorded)).rejects.toThrow(InfrastructureError);
    t.publisher.failWith(null);
    await t.begin({ AT_MOST_ONCE_LANES: 'transactional' }).dispatcher.handle(unrecorded);
    expect(t.fcm.accepted()).toHaveLength(1);
    expect(await t.world.row(message)).toMatchObject({ state: 'ambiguous', attempt: 1, reason: 'interrupted' });
    expect(t.world.told(message)).toEqual(['ambiguous interrupted 1']);
  });

  it('of a retry is found when its lease has run out', async () => {
    t.fcm.behave({ answer: 'unavailable', times: 1 });
    const message = t.world.send('token-1');
    await t.push.dispatcher.handle(await t.world.batch([message]));
    await t.world.makeRetriesDue();
    t.publisher.failWith();
    await expect(t.retry()).rejects.toThrow(InfrastructureError);
    t.publisher.failWith(null);
    const next = t.begin();
    await t.retry(next);
    expect(t.fcm.accepted()).toHaveLength(1);
    await t.world.makeRetriesDue();
    await t.retry(next);
    expect(t.fcm.accepted()).toHaveLength(2);
    expect(await t.world.row(message)).toMatchObject({ state: 'sent', prior_ambiguous: true });
  });

  it('of a slow call that its batch did not wait for is found when its lease has run out', async () => {
    t.records = [...t.records.filter(({ kind }) => kind !== 'provider'), t.account('demo', t.fcm.serviceAccount(), 4_000)];
    const slow = t.world.send('hang:1');
    const batch = await t.world.batch([slow, t.world.send('token-2')]);
    await t.begin().dispatcher.handle(batch);
    const next = t.begin();
    await expect(next.dispatcher.handle(batch)).rejects.toThrow(PartitionLost);
    await t.retry(next);
    expect(t.fcm.calls()).toBe(2);
    await t.world.makeRetriesDue();
    await t.retry(next);
    expect(t.fcm.calls()).toBe(3);
    expect(await t.world.row(slow)).toMatchObject({ state: 'claimed', attempt: 2, prior_ambiguous: true });
  });

  it('is recorded by a zombie as far as it called: the new owner of the partition sends nothing twice', async () => {
    const message = t.world.send('token-1');
    const taken = await t.world.batch([message]);
    await t.db.rows('update dispatcher_push.kafka_position set next_offset = 99');
    await expect(t.push.dispatcher.handle(taken)).rejects.toThrow(PartitionLost);
    expect(await t.world.row(message)).toMatchObject({ state: 'sent' });
    await t.db.rows('update dispatcher_push.kafka_position set next_offset = 0');
    await t.begin().dispatcher.handle(taken);
    expect(t.fcm.accepted()).toHaveLength(1);
  });
});
