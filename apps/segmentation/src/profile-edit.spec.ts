import { beforeEach, describe, expect, it } from '@jest/globals';
import { erasures, events } from '@tidings/contracts';
import { isThere } from '@tidings/profile';
import { Problem } from '@tidings/service';
import { at, benchOfSpec, identified, SECOND, did } from './bench.fixture.js';
import { eventOfEdit, isRefused } from './profile-edit.js';
import { ProfileReading } from './profile-reading.store.js';
import { ProfileChangesController } from './profile-changes.controller.js';

const context = { workspace: 'demo', profileId: 'ann', messageId: 'edit-1', now: at(0) };

describe('an edit', () => {
  it('is the identify of the profile’s own id', () => {
    const edit = { traits: { plan: 'pro', nick: null }, consent: { email: false }, timezone: 'Europe/Lisbon', locale: 'pt' };
    expect(eventOfEdit(edit, context)).toMatchObject({
      type: 'identify', profileId: 'ann', userId: 'ann', anonymousId: null, messageId: 'edit-1', source: 'api', traits: edit.traits,
      context: { consent: { email: false }, timezone: 'Europe/Lisbon', locale: 'pt' }, receivedAt: at(0).toISOString(),
    }); // prettier-ignore
    expect(eventOfEdit({ traits: {} }, { ...context, profileId: 'anonymous:d1' })).toMatchObject({ userId: null, anonymousId: 'd1' });
  });

  let deep: unknown = 1;
  for (let depth = 0; depth < 40; depth += 1) deep = { deep };
  it.each<[string, unknown, string]>([
    ['nothing', {}, ''],
    ['a list', [], ''],
    ['no JSON object', null, ''],
    ['a field that cannot be changed', { segments: ['vip'] }, 'segments'],
    ['consent that is no yes or no', { consent: { email: 'yes' } }, 'consent.email'],
    ['a time zone that is a number', { timezone: 1 }, 'timezone'],
    ['a time zone that there is not', { timezone: 'Nope/Zone' }, 'timezone'],
    ['a subscription that is not to go', { webPush: { endpoint: 'https://a.example', removed: false } }, 'webPush.removed'],
    ['a chat of a service that nobody knows', { chat: { kind: 'icq', id: '1' } }, 'chat.kind'],
    ['traits that are a list', { traits: [] }, 'traits'],
    ['traits that are too deep', { traits: deep }, 'traits.deep'],
    ['a name that reaches the prototype', JSON.parse('{"traits":{"__proto__":{"a":1}}}'), 'traits.__proto__'],
    ['NUL', { traits: { a: '\0' } }, 'traits.a'],
    ['more than 32 KB', { traits: { a: 'x'.repeat(33_000) } }, ''],
  ])('of %s is refused, and the place named', (_sentence, body, field) => {
    const refused = eventOfEdit(body, context);
    expect(isRefused(refused) && refused.field.slice(0, field.length)).toBe(field);
    expect(isRefused(refused) && refused.message).not.toBe('');
  });
});

describe('PATCH and DELETE of a profile', () => {
  const bench = benchOfSpec();
  beforeEach(() => bench.reset());
  const api = () => new ProfileChangesController(new ProfileReading(bench.db.database), bench.broker);

  it('change the profile that an id became part of, and are seen when the event was heard', async () => {
    await bench.hear(identified({ plan: 'free', nick: 'a' }, 0, { anonymousId: 'd1' }));
    const answer = await api().edit('demo', 'anonymous:d1', { traits: { plan: 'pro', nick: null }, consent: { push: false } }, 'once');
    expect(answer).toEqual({ profileId: 'ann', messageId: 'once' });
    await bench.hear(...bench.broker.published(events));
    const row = await new ProfileReading(bench.db.database).profile({ workspace: 'demo', profileId: 'ann' });
    expect(row).toMatchObject({ traits: { plan: 'pro' }, consent: { push: false } });
  });

  it('take away a subscription and a chat', async () => {
    const context = { webPush: { endpoint: 'https://a.example/1', keys: { p256dh: 'p', auth: 'a' } }, chat: { kind: 'slack', id: 'U1' } } as const;
    await bench.hear(identified({}, 0, { context }));
    await api().edit('demo', 'ann', { webPush: { endpoint: 'https://a.example/1', removed: true }, chat: { ...context.chat, removed: true } });
    await bench.hear(...bench.broker.published(events));
    const row = await new ProfileReading(bench.db.database).profile({ workspace: 'demo', profileId: 'ann' });
    expect(row?.addresses?.map((each) => isThere(each))).toEqual([false, false]);
  });

  it('publish nothing for somebody unknown, nor for what is refused', async () => {
    await bench.hear(did('Seen', SECOND));
    bench.broker.clear();
    await expect(api().edit('demo', 'nemo', { traits: {} })).rejects.toMatchObject({ status: 404 });
    await expect(api().edit('other', 'ann', { traits: {} })).rejects.toMatchObject({ status: 404 });
    await expect(api().edit('demo', 'ann', { traits: 1 })).rejects.toBeInstanceOf(Problem);
    await expect(api().edit('demo', 'ann', { traits: {} }, 'x'.repeat(256))).rejects.toMatchObject({ status: 400 });
    await expect(api().erase('demo', 'anonymous:')).rejects.toMatchObject({ status: 404 });
    expect(bench.broker.outgoing).toEqual([]);
  });

  it('erase by an event behind the step that makes it known', async () => {
    const { id } = await api().erase('demo', 'ann');
    expect(bench.broker.outgoing.map(({ topic }) => topic)).toEqual(['erasures', 'events']);
    expect(bench.broker.published(erasures)).toMatchObject([{ erasureId: id, store: null, ids: ['ann'] }]);
    expect(bench.broker.published(events)).toMatchObject([{ type: 'erase', messageId: id, profileId: 'ann' }]);
  });
});
