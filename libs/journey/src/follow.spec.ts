import { describe, expect, it } from '@jest/globals';
import { backfillSource, type JourneyDefinition, type Profile } from '@tidings/contracts';
import { MAX_ACTIVE_RUNS } from './follow.js';
import { aJourney, anEvent, aProfile, START, told, Walk } from './scenarios/walk.js';

const email = { email: { template: 'hello' } };
const hello = { id: 'hello', message: email };
const pause = { id: 'pause', delay: '1h' };
const untilOrder = { id: 'until-order', waitFor: { event: 'Order', atMost: '1h' } };

describe('a run begins', () => {
  const published = { source: backfillSource, position: 1 };
  const where = [{ property: 'total', greaterThan: 10 }];
  const keyed = { key: 'properties.cart' };
  it.each<[string, Partial<JourneyDefinition>, (walk: Walk) => void, number]>([
    ['by its event', {}, (walk) => walk.event('Begin'), 1],
    ['not by another event', {}, (walk) => walk.event('Other'), 0],
    ['by its event where the properties are right', { entry: [{ event: 'Begin', where }] }, (walk) => walk.event('Begin', { total: 11 }), 1],
    ['not where they are wrong', { entry: [{ event: 'Begin', where }] }, (walk) => walk.event('Begin', { total: 9 }), 0],
    ['once where two entries mean the event', { entry: [{ event: 'Begin' }, { event: 'Begin', where }] }, (walk) => walk.event('Begin', { total: 11 }), 1],
    ['by entering its segment', { entry: [{ segment: 's' }] }, (walk) => walk.activity({ entered: ['s'] }), 1],
    ['not by being in it when it is published', { entry: [{ segment: 's' }] }, (walk) => walk.activity({ entered: ['s'], cause: published }), 0],
    ['by that too where the journey asks for it', { entry: [{ segment: 's', backfill: true }] }, (walk) => walk.activity({ entered: ['s'], cause: published }), 1],
    ['not by another segment that asks for it', { entry: [{ segment: 's' }, { segment: 't', backfill: true }] }, (walk) => walk.activity({ entered: ['s'], cause: published }), 0],
    ['not by leaving it', { entry: [{ segment: 's' }] }, (walk) => walk.activity({ left: ['s'] }), 0],
    ['by the API, under the name of the journey', { entry: [{ api: true }] }, (walk) => walk.event('journey', {}, { type: 'trigger' }), 1],
    ['not by the API where it has no such entry', { entry: [{ event: 'journey' }] }, (walk) => walk.event('journey', {}, { type: 'trigger' }), 0],
    ['not by an event that has the name of the journey', { entry: [{ api: true }] }, (walk) => walk.event('journey'), 0],
    ['only once while it is on its way', {}, (walk) => [walk.event('Begin'), walk.event('Begin')], 1],
    ['once for each key', keyed, (walk) => [1, 2, 1].map((cart) => walk.event('Begin', { cart })), 2],
    ['by a key that the API brings', { ...keyed, entry: [{ api: true }] }, (walk) => walk.event('journey', { cart: 'c' }, { type: 'trigger' }), 1],
    ['not without the key', keyed, (walk) => walk.event('Begin', { basket: 1 }), 0],
    ['not by a key that tells nothing apart', keyed, (walk) => ['', null, {}, [1], 'x'.repeat(256)].map((cart) => walk.event('Begin', { cart })), 0],
    ['not by a key from the prototype', { key: 'properties.constructor.name' }, (walk) => walk.event('Begin', {}), 0],
  ])('%s', (_sentence, definition, act, expected) => {
    const walk = new Walk([aJourney([pause, hello], definition)]);
    act(walk);
    expect(walk.active()).toHaveLength(expected);
  });

  it('again when the one before is over, and is another', () => {
    const walk = new Walk([aJourney([hello])]);
    walk.event('Begin');
    walk.event('Begin');
    const ids = walk.effects.flatMap((effect) => (effect.kind === 'decide' ? [effect.run.id] : []));
    expect(new Set(ids).size).toBe(2);
  });

  it.each<[string, Partial<Profile>, number]>([
    ['not again by the same entering, told again under the next publishing', {}, 1],
    ['again by the next entering', { version: 3 }, 2],
    ['again by the entering of who is new under the id of somebody erased', { createdAt: '2026-03-02T12:01:00.000Z' }, 2],
  ])('%s', (_, change, expected) => {
    const entry = [{ segment: 's', backfill: true }];
    const kept = new Walk([aJourney([hello], { entry, exit: [{ event: 'Left' }] })]);
    const forgotten = new Walk([aJourney([hello], { entry })]);
    for (const walk of [kept, forgotten]) {
      walk.activity({ entered: ['s'], cause: published });
      walk.activity({ entered: ['s'], cause: { ...published, position: 2 }, profile: aProfile(change) });
      const ids = walk.effects.flatMap((effect) => (effect.kind === 'decide' ? [effect.run.id] : []));
      // Also where nothing is left of the first: its messages have the same ids, and leave once.
      expect(new Set(ids).size).toBe(expected);
    }
    expect(kept.messages()).toHaveLength(expected);
  });

  it('no more than a thousand times, and says so', () => {
    const walk = new Walk([aJourney([pause], { key: 'properties.cart' })]);
    for (let cart = 0; cart < MAX_ACTIVE_RUNS; cart++) walk.event('Begin', { cart });
    expect(told(walk.event('Begin', { cart: 'one more' }))).toEqual(['run-refused journey']);
    expect(walk.active()).toHaveLength(MAX_ACTIVE_RUNS);
  });

  it('with so much of its event as templates may need, and no more', () => {
    const walk = new Walk([aJourney([pause])]);
    walk.event('Begin', { name: 'lamp', history: 'x'.repeat(20_000), price: 7 });
    expect(walk.active()[0]?.event).toEqual({ name: 'Begin', properties: { name: 'lamp', price: 7 } });
  });
});

describe('a run goes on', () => {
  const branch = { id: 'branch', branch: { if: { segment: 'vip' }, then: 'vip', else: 'pause' } };
  const vip = { id: 'vip', message: email, next: 'end' };

  it.each<[string, JourneyDefinition['steps'], (walk: Walk) => void, Partial<Profile>, string[]]>([
    ['through a message at once', [hello], () => undefined, {}, ['+0m hello: email']],
    ['on every channel that a message names', [{ id: 'm', message: { email: { template: 't' }, push: { template: 't' } } }], () => undefined, {}, ['+0m m: push, email']],
    ['not before its delay is over', [pause, hello], (walk) => walk.pass('59m'), {}, []],
    ['when its delay is over', [pause, hello], (walk) => walk.pass('60m'), {}, ['+60m hello: email']],
    ['by the event it waits for', [untilOrder, hello], (walk) => [walk.pass('10m'), walk.event('Order')], {}, ['+10m hello: email']],
    ['not by another', [untilOrder, hello], (walk) => [walk.pass('10m'), walk.event('Other')], {}, []],
    ['by the time-out, when the event does not come', [untilOrder, hello], (walk) => walk.pass('2h'), {}, ['+60m hello: email']],
    ['to where the event leads', [{ ...untilOrder, onEvent: 'end' }, hello], (walk) => [walk.event('Order'), walk.pass('2h')], {}, []],
    ['to where the time-out leads', [{ ...untilOrder, onTimeout: 'end' }, hello], (walk) => [walk.pass('2h')], {}, []],
    ['one way at a branch', [branch, vip, pause, hello], (walk) => walk.pass('2h'), { segments: ['vip'] }, ['+0m vip: email']],
    ['or the other', [branch, vip, pause, hello], (walk) => walk.pass('2h'), { segments: [] }, ['+60m hello: email']],
  ])('%s', (_sentence, steps, act, who, expected) => {
    const walk = new Walk([aJourney(steps)], aProfile(who));
    walk.event('Begin');
    act(walk);
    expect(walk.messages()).toEqual(expected);
  });

  it('by the profile as it is then, not as it was when the run began', () => {
    const orEnd = { id: 'branch', branch: { if: { segment: 'vip' }, then: 'vip', else: 'end' } };
    const walk = new Walk([aJourney([pause, orEnd, vip])]);
    walk.event('Begin');
    walk.profile = aProfile({ segments: ['vip'] });
    walk.event('Became important');
    walk.pass('1h');
    expect(walk.messages()).toEqual(['+60m vip: email']);
  });

  it('past one wait by one event, not past the waits behind it', () => {
    const walk = new Walk([aJourney([untilOrder, { ...untilOrder, id: 'until-next' }, hello])]);
    walk.event('Begin');
    walk.event('Order');
    expect(walk.active()[0]?.step).toBe('until-next');
  });

  it('not by the event that began it', () => {
    const walk = new Walk([aJourney([{ id: 'again', waitFor: { event: 'Begin', atMost: '1h' } }, hello])]);
    walk.event('Begin');
    expect(walk.active()[0]?.step).toBe('again');
  });

  it('telling each step, and the end', () => {
    const walk = new Walk([aJourney([hello, pause])]);
    expect(told(walk.event('Begin'))).toEqual(['run-started hello', 'step-entered hello', 'decide hello', 'step-entered pause']);
    expect(told(walk.pass('1h'))).toEqual(['run-ended completed']);
    expect(walk.progress).toMatchObject({ runs: [], profile: null });
  });

  it('on the version it began on, while new runs begin on the next', () => {
    const walk = new Walk([aJourney([pause, hello], { key: 'properties.n' })]);
    walk.event('Begin', { n: 1 });
    walk.publish(aJourney([{ id: 'other', message: email }], { key: 'properties.n' }));
    walk.event('Begin', { n: 1 });
    walk.event('Begin', { n: 2 });
    walk.pass('2h');
    expect(walk.messages()).toEqual(['+0m other: email', '+60m hello: email']);
  });
});

describe('after an outage', () => {
  it('a delay counts from when its step was due, so what is overdue happens at once and in order', () => {
    const walk = new Walk([aJourney([pause, hello, { ...pause, id: 'pause-2' }, { ...hello, id: 'hello-2' }, { ...pause, id: 'pause-3' }])]);
    walk.event('Begin');
    walk.outage('150m');
    walk.wake();
    expect(walk.messages()).toEqual(['+60m hello: email', '+120m hello-2: email']);
    expect(walk.active()[0]).toMatchObject({ step: 'pause-3', wakeAt: '2026-03-02T15:00:00.000Z' });
  });

  it('an event that came after the time-out, but before anybody acted on it, still ends the wait', () => {
    const walk = new Walk([aJourney([{ ...untilOrder, onEvent: 'end' }, hello])]);
    walk.event('Begin');
    walk.outage('3h');
    walk.event('Order');
    expect(told(walk.effects).at(-1)).toBe('run-ended completed');
    expect(walk.messages()).toEqual([]);
  });

  it('an event finds the wait that its run had come to by then', () => {
    const walk = new Walk([aJourney([pause, { ...untilOrder, onEvent: 'end' }, hello])]);
    walk.event('Begin');
    walk.outage('90m');
    walk.event('Order');
    walk.pass('1d');
    expect(walk.messages()).toEqual([]);
  });
});

describe('a run exits', () => {
  const exit = [{ event: 'Order', sameKey: 'properties.cart' }];
  const carts = aJourney([pause, hello, { ...pause, id: 'pause-2' }], { key: 'properties.cart', exit });

  it('by the event of its exit rule, and its messages are recalled', () => {
    const walk = new Walk([carts]);
    walk.event('Begin', { cart: 'a' });
    expect(told(walk.event('Order', { cart: 'a' }))).toEqual(['run-ended exited', 'recall-run pause']);
    expect(walk.pass('1d')).toEqual([]);
  });

  it('alone, where the rule asks for the same key', () => {
    const walk = new Walk([carts]);
    for (const cart of ['a', 'b']) walk.event('Begin', { cart });
    walk.event('Order', { cart: 'b' });
    walk.event('Order', {});
    expect(walk.active().map(({ key }) => key)).toEqual(['a']);
  });

  it('before a wait could hear the event', () => {
    const walk = new Walk([aJourney([untilOrder, hello], { exit: [{ event: 'Order' }] })]);
    walk.event('Begin');
    walk.event('Order');
    expect(walk.messages()).toEqual([]);
  });

  it('before what is overdue could happen', () => {
    const walk = new Walk([carts]);
    walk.event('Begin', { cart: 'a' });
    walk.outage('2h');
    walk.event('Order', { cart: 'a' });
    expect(walk.messages()).toEqual([]);
  });

  it('and the recall reaches the message of a wake that nobody could store', () => {
    const walk = new Walk([carts]);
    walk.event('Begin', { cart: 'a' });
    const [recall] = walk.event('Order', { cart: 'a' }).filter(({ kind }) => kind === 'recall-run');
    expect(recall?.at).toBe('2026-03-02T13:00:00.000Z');
  });

  it('also when it had completed, as long as its message may be on its way', () => {
    const walk = new Walk([aJourney([hello], { exit: [{ event: 'Order' }] })]);
    walk.event('Begin');
    walk.pass('23h');
    expect(told(walk.event('Order'))).toEqual(['recall-run end']);
    expect(walk.progress.runs).toEqual([]);
  });

  it('and is forgotten when no message of it can leave any more', () => {
    const walk = new Walk([aJourney([hello], { exit: [{ event: 'Order' }] })]);
    walk.event('Begin');
    walk.pass('25h');
    expect(walk.event('Order')).toEqual([]);
    expect(walk.progress.runs).toEqual([]);
  });

  it('and a completed one is in nobody\'s way', () => {
    const walk = new Walk([aJourney([hello], { exit: [{ event: 'Order' }] })]);
    walk.event('Begin');
    walk.event('Begin');
    expect(walk.messages()).toHaveLength(2);
  });
});

describe('withdrawn consent', () => {
  it('recalls what was decided for the channel', () => {
    const walk = new Walk([aJourney([hello, pause])]);
    walk.event('Begin');
    walk.now = '2026-03-02T12:10:00.000Z';
    const effects = walk.activity({ event: anEvent('Unsubscribed', walk.now), withdrawn: ['email'] });
    expect(effects).toEqual([{ kind: 'recall-channel', channel: 'email', at: walk.now }]);
  });

  it('reaches a message that a wake decided although the withdrawal came first', () => {
    const walk = new Walk([aJourney([pause, hello, { ...pause, id: 'pause-2' }])]);
    walk.event('Begin');
    walk.pass('1h');
    const [recall] = walk.activity({ withdrawn: ['email'], at: '2026-03-02T12:59:00.000Z' });
    expect(recall?.at).toBe('2026-03-02T13:00:00.000Z');
  });
});

describe('a cause that was heard before', () => {
  it('changes nothing, whatever has happened in between', () => {
    const walk = new Walk([aJourney([pause, hello])]);
    const cause = { source: 'events/3', position: 7 };
    walk.activity({ event: anEvent('Begin'), cause });
    walk.activity({ cause: { source: 'clock', position: Date.parse(START) } });
    walk.pass('2h');
    const before = walk.progress;
    expect(walk.activity({ event: anEvent('Begin'), cause })).toEqual([]);
    expect(walk.progress).toBe(before);
    expect(walk.progress.heard).toEqual({ 'events/3': 7, clock: Date.parse(START) });
  });
});
