import { beforeEach, describe, expect, it } from '@jest/globals';
import { Publisher, type Outgoing } from '@tidings/bus';
import type { Condition, Values } from '@tidings/contracts';
import { Database, type Scope, type Tx } from '@tidings/postgres';
import { at, benchOfSpec, DAY, did, HOUR, identified, MINUTE, SECOND, segmentOf } from './bench.fixture.js';

const regulars: Condition = { performed: 'Ordered', atLeast: 2, withinLast: '1h' };
const lapsed: Condition = { all: [{ performed: 'Ordered' }, { not: { performed: 'Ordered', withinLast: '2h' } }] };
const pros: Condition = { trait: 'plan', equals: 'pro' };

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('regulars', regulars), segmentOf('lapsed', lapsed), segmentOf('pros', pros)));

/** Everything that is stored. */
const stored = (): Promise<unknown> =>
  Promise.all([
    bench.db.rows('select * from segmentation.profile order by profile_id'),
    bench.db.rows('select * from segmentation.segment_member order by segment, profile_id'),
    bench.db.rows('select * from segmentation.event_history order by profile_id, message_id'),
    bench.db.rows('select next_offset from segmentation.kafka_position'),
  ]);

const profile = async (profileId = 'ann') =>
  (await bench.db.rows('select * from segmentation.profile where profile_id = $1', [profileId]))[0];
const history = () => bench.db.rows('select profile_id, message_id from segmentation.event_history order by 1, 2');

describe('an event', () => {
  it('is told with the profile it leaves behind and the segments entered, in order', async () => {
    await bench.hear(
      identified({ plan: 'pro' }),
      did('Ordered'),
      did('Ordered', SECOND),
      identified({ plan: 'free' }, 2 * SECOND),
    );
    expect(bench.lines()).toEqual(['events/0 0 +pros', 'events/0 1', 'events/0 2 +regulars', 'events/0 3 -pros']);
    expect(bench.told()[2]).toMatchObject({
      at: at(SECOND).toISOString(),
      event: { name: 'Ordered' },
      profile: {
        id: 'ann',
        version: 3,
        traits: { plan: 'pro' },
        segments: ['pros', 'regulars'],
        createdAt: at(0).toISOString(),
      },
    });
    expect(await bench.db.rows('select segment, profile_id from segmentation.segment_member')).toEqual([
      { segment: 'regulars', profile_id: 'ann' },
    ]);
  });

  it('carries its trace to what is told because of it', async () => {
    const batch = bench.batch([did('Ordered')]);
    const [first] = batch.messages;
    if (first === undefined) throw new Error('no message');
    await bench.replica().handler.handle({ ...batch, messages: [{ ...first, traceparent: '00-1-2-01' }] });
    expect(bench.broker.outgoing.map(({ traceparent, key }) => [traceparent, key])).toEqual([
      ['00-1-2-01', 'demo:ann'],
    ]);
  });

  it('that withdraws consent says for which channel, once', async () => {
    const refuses = { context: { consent: { email: false } } };
    await bench.hear(
      did('Seen', 0, refuses),
      did('Seen', SECOND, refuses),
      did('opened', 2 * SECOND, { type: 'receipt' }),
    );
    expect(bench.told().map(({ withdrawn }) => withdrawn)).toEqual([['email'], [], []]);
  });

  it('of the type receipt or trigger leaves the profile as it is, is history, and is told', async () => {
    await bench.hear(did('welcome', 0, { type: 'trigger' }));
    const before = await profile();
    await bench.hear(
      did('Ordered', SECOND, { type: 'receipt', traits: { plan: 'pro' } }),
      did('pricing', SECOND, { type: 'trigger' }),
    );
    expect(await profile()).toEqual(before);
    expect(bench.told().map(({ profile: { version } }) => version)).toEqual([1, 1, 1]);
    expect(await history()).toHaveLength(3);
  });

  it('by a receipt withdraws consent that came with it', async () => {
    await bench.hear(
      did('Seen'),
      did('unsubscribed', SECOND, { type: 'receipt', context: { consent: { email: false } } }),
    );
    expect(await profile()).toMatchObject({ consent: { email: false } });
    expect(bench.told()[1]).toMatchObject({ withdrawn: ['email'], profile: { consent: { email: false }, version: 2 } });
  });

  it('keeps workspaces apart', async () => {
    await bench.hear(identified({ plan: 'pro' }), identified({ plan: 'pro' }, 0, { workspace: 'other' }));
    expect(bench.lines()).toEqual(['events/0 0 +pros', 'events/0 1']);
    const rows = await bench.db.database.transact({ workspaces: ['other'] }, (tx) =>
      tx.query('select workspace, segments from segmentation.profile'),
    );
    expect(rows).toEqual([{ workspace: 'other', segments: [] }]);
  });

  it('costs a batch as many statements with 300 profiles as with one', async () => {
    const counting = new CountingDatabase(bench.db.dataSource);
    const { handler } = bench.replica(bench.broker, bench.catalog, counting);
    const people = (count: number) =>
      Array.from({ length: count * 2 }, (_, index) => did('Ordered', index, { profileId: `${count}-${index % count}` }));
    await handler.handle(bench.batch(people(1)));
    const one = counting.statements;
    const [position] = bench.batch([]).positions;
    const positions = position ? [{ ...position, from: 2, to: 602 }] : [];
    await handler.handle({ ...bench.batch(people(300)), positions });
    expect(one).toBeGreaterThan(3);
    expect(counting.statements).toBe(2 * one);
  });
});

/** Takes nothing about Bob. */
class Fussy extends Publisher {
  constructor(private readonly broker: Publisher) {
    super();
  }

  override async publish(messages: readonly Outgoing[]): Promise<void> {
    if (messages.some(({ key }) => key === 'demo:bob')) throw new Error('too large');
    await this.broker.publish(messages);
  }
}

/** Counts what is asked of Postgres. */
class CountingDatabase extends Database {
  statements = 0;

  override transact<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
    return super.transact(scope, (tx) => work({ query: (...asked) => ((this.statements += 1), tx.query(...asked)) }));
  }
}

describe('the same event twice', () => {
  it.each<[string, number]>([
    ['at once', 0],
    ['within the day', 3 * HOUR],
    ['the day after', 30 * HOUR],
  ])('through both doors %s is heard once', async (_, later) => {
    const event = did('Ordered');
    const again = { ...event, receivedAt: at(later).toISOString(), source: 'kafka' as const };
    await bench.hear(event);
    await bench.hear(again, did('Seen', later));
    expect(bench.told().flatMap(({ event: heard }) => heard?.name ?? [])).toEqual(['Ordered', 'Seen']);
    expect(await history()).toHaveLength(2);
  });

  it.each([0, 30 * HOUR])('is heard once under another name, or as something else, %i ms later', async (later) => {
    const event = did('Ordered');
    await bench.hear(event);
    const again = { ...event, receivedAt: at(later).toISOString() };
    await bench.hear({ ...again, name: 'Seen' }, { ...again, type: 'page' }, did('Left', later));
    expect(bench.told().flatMap(({ event: heard }) => heard?.name ?? [])).toEqual(['Ordered', 'Left']);
    expect(await history()).toHaveLength(2);
  });

  it('is recognised within a batch, also around midnight', async () => {
    const event = did('Ordered', 11.9 * HOUR);
    await bench.hear({ ...event, receivedAt: at(12.1 * HOUR).toISOString() }, event, event);
    expect(bench.lines()).toEqual(['events/0 0']);
    await bench.hear(did('Ordered', 12.2 * HOUR));
    expect(bench.lines()[1]).toBe('events/0 3 +regulars');
  });

  it('is another event for another profile, in another workspace, or two days later', async () => {
    const event = did('Ordered');
    await bench.hear(event, { ...event, profileId: 'bob' }, { ...event, workspace: 'other' });
    await bench.hear({ ...event, receivedAt: at(60 * HOUR).toISOString() });
    expect(bench.told().filter(({ event: heard }) => heard !== null)).toHaveLength(4);
  });
});

describe('time', () => {
  it('takes a profile out of a segment exactly when it is due, and wakes nobody before', async () => {
    await bench.hear(did('Ordered', 30 * SECOND), did('Ordered', 40 * SECOND));
    bench.broker.clear();
    const due = 40 * SECOND + HOUR;
    await bench.pass(due - 1);
    expect(bench.lines()).toEqual([]);
    await bench.pass(due);
    expect(bench.lines()).toEqual([`clock ${due / MINUTE} -regulars`]);
    expect(bench.told()[0]).toMatchObject({
      event: null,
      at: at(due).toISOString(),
      profile: { segments: [], version: 3 },
    });
    await bench.pass(due + HOUR);
    expect(bench.lines()[1]).toBe(`clock ${(due + HOUR) / MINUTE} +lapsed`);
    expect(await profile()).toMatchObject({ wake_at: null });
  });

  it('moves a moment without a new wake; who is woken early for it is told nothing and woken again on time', async () => {
    // Ahead of the clock on the wall, as events are that have a moment to come.
    const day = 36_500 * DAY;
    const wakeAt = async () => Number((await profile())?.['wake_at']);
    await bench.hear(did('Ordered', day), did('Ordered', day));
    await bench.hear(did('Ordered', day + 10 * MINUTE), did('Ordered', day + 10 * MINUTE));
    expect(await profile()).toMatchObject({ due_at: String(at(day + 70 * MINUTE).getTime()) });
    expect(await wakeAt()).toBe(at(day + 60 * MINUTE).getTime());
    bench.broker.clear();
    await bench.pass(day + 60 * MINUTE);
    expect(bench.lines()).toEqual([]);
    expect(await wakeAt()).toBe(at(day + 70 * MINUTE).getTime());
    await bench.pass(day + 70 * MINUTE);
    expect(bench.told().map(({ left, at: when }) => [left, when])).toEqual([
      [['regulars'], at(day + 70 * MINUTE).toISOString()],
    ]);
  });

  it('that nobody looked at passes in order, each change at its own moment, before the event that comes then', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    await bench.hear(did('Ordered', DAY));
    expect(bench.lines().slice(2)).toEqual(['clock 60 -regulars', 'clock 120 +lapsed', 'events/0 2 -lapsed']);
    await bench.pass(DAY);
    expect(bench.lines()).toHaveLength(5);
  });

  it('wakes several hundred at once', async () => {
    await bench.hear(
      ...Array.from({ length: 600 }, (_, index) => did('Ordered', index % 2, { profileId: `p${index % 300}` })),
    );
    expect(await bench.pass(61 * MINUTE)).toBe(false);
    expect(bench.lines().filter((line) => line.endsWith('-regulars'))).toHaveLength(300);
  });

  it('puts off a profile that fails, and goes on with the others', async () => {
    await bench.hear(
      ...['ann', 'bob', 'cleo'].flatMap((profileId) => [
        did('Ordered', 0, { profileId }),
        did('Ordered', 0, { profileId }),
      ]),
    );
    bench.broker.clear();
    const { clock } = bench.replica(new Fussy(bench.broker));
    await clock.round(at(61 * MINUTE));
    expect(bench.told().map(({ profileId }) => profileId)).toEqual(['ann', 'cleo']);
    expect(await profile('bob')).toMatchObject({ segments: ['regulars'], wake_at: String(at(66 * MINUTE).getTime()) });
    await bench.pass(66 * MINUTE);
    expect(bench.lines()[2]).toBe('clock 60 -regulars');
  });

  it('leaves to others what another replica holds', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    bench.broker.clear();
    await Promise.all([bench.pass(61 * MINUTE), bench.pass(61 * MINUTE), bench.pass(61 * MINUTE)]);
    expect(bench.lines()).toEqual(['clock 60 -regulars']);
  });
});

describe('a late event', () => {
  it('counts for the time when it happened', async () => {
    await bench.hear(did('Ordered', 50 * MINUTE), did('Ordered', 55 * MINUTE, { timestamp: at(0).toISOString() }));
    await bench.pass(61 * MINUTE);
    expect(bench.lines()).toEqual(['events/0 0', 'events/0 1 +regulars', 'clock 60 -regulars']);
  });

  it('does not undo what the clock did before it came', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    await bench.pass(61 * MINUTE);
    await bench.hear(did('Seen', 30 * MINUTE));
    expect(await profile()).toMatchObject({ segments: [], evaluated_at: String(at(60 * MINUTE).getTime()) });
  });
});

describe('hostile values', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
  it.each<[string, Values]>([
    ['deep', { deep: nested(500) }],
    ['named like the prototype', JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":2}') as Values],
    ['null', { gone: null }],
    ['huge numbers', { huge: 1e308, tiny: 5e-324, whole: Number.MAX_SAFE_INTEGER }],
    ['quotes and braces', { 'a"b\\{,}': '"\\{null,NULL}\u2028' }],
  ])('%s are kept as they are and change nothing else', async (_, values) => {
    await bench.hear(
      identified({ ...values, plan: 'pro' }),
      did('Ordered', 0, { properties: values }),
      did('Ordered', SECOND),
    );
    await bench.hear(did('Seen', SECOND));
    const { traits } = bench.told()[3]?.profile ?? {};
    const expected = Object.fromEntries(
      Object.entries({ ...values, plan: 'pro' }).filter(([name, value]) => value !== null && name !== '__proto__'),
    );
    expect(traits).toEqual(expected);
    expect(bench.lines()).toEqual(['events/0 0 +pros', 'events/0 1', 'events/0 2 +regulars', 'events/0 3']);
  });

  it('that Postgres cannot keep fail their batch and leave nothing of it', async () => {
    const before = await stored();
    await expect(bench.hear(did('Seen'), identified({ nul: '\0' }))).rejects.toMatchObject({ code: '22P05' });
    expect(await stored()).toEqual(before);
  });
});
