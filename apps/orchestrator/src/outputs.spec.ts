import { describe, expect, it } from '@jest/globals';
import { activitiesOf, journeyActivity, recalls, sends, shapeCheck, type AcceptedEvent, type JourneyActivity, type Profile, type SendRequested, type Topic } from '@tidings/contracts';
import { journeysOf, type Effect, type Run } from '@tidings/journey';
import { anActivity, anEvent, aProfile, instant } from '@tidings/testing';
import { Outputs, type Occasion } from './outputs.js';
import type { Rules } from './workspace-rules.js';

const run: Run = {
  id: '5d4b9f0e-8f3a-5c52-9d53-2f5e0a4c7b11',
  journey: 'cart',
  version: 3,
  key: 'c-1',
  step: 'remind',
  visit: 2,
  since: instant(),
  wakeAt: null,
  startedAt: instant(),
  messagesUntil: null,
  event: { name: 'Product Added', properties: { name: 'Lamp' } },
  traceparent: 'of-the-run',
};
const message = { channels: [{ channel: 'push', template: 'hello' }], lane: 'bulk', expiresAfterMs: 60_000 } as const;
const decide: Effect = { kind: 'decide', run, message, at: instant() };

const rules = (template: Rules['template']): Rules => ({
  journeys: journeysOf([], () => {
    throw new Error('no journey is asked for here');
  }),
  consentModel: 'opt-out',
  template,
});
const withTemplate = rules(() => ({ version: 7, has: () => true }));
const occasion: Occasion = { workspace: 'demo', profileId: 'ann', formerly: [], profile: aProfile({ id: 'ann' }), rules: withTemplate, traceparent: 'of-the-event' };

const report = { messageId: 'm-1', channel: 'email', address: 'hash-1' } as const;

const outputs = (effects: readonly Effect[], change: Partial<Occasion> = {}) => {
  const all = new Outputs();
  all.add(effects, { ...occasion, ...change });
  return all;
};
const topics: readonly Topic[] = [journeyActivity, recalls, sends('push', 'bulk')];

describe('outputs', () => {
  it('let templates know the traits of the groups of a person', () => {
    const variables = (groups: NonNullable<Profile['groups']> | null) => {
      const profile = aProfile({ id: 'ann', traits: { name: 'Ann' }, ...(groups !== null && { groups }) });
      const [sent] = outputs([decide], { profile }).messages().filter(({ topic }) => topic.startsWith('sends'));
      const { variables: given } = JSON.parse(String(sent?.value)) as SendRequested;
      return given['profile'];
    };
    expect(variables([{ id: 'acme', traits: { name: 'Acme', id: 7 } }])).toEqual({
      id: 'ann',
      name: 'Ann',
      groups: [{ id: 'acme', name: 'Acme' }],
    });
    expect(variables(null)).toEqual({ id: 'ann', name: 'Ann' });
  });

  it('have the shapes of their topics, whatever the effect', () => {
    const effects: Effect[] = [
      { kind: 'run-started', run, entry: 'event', at: instant() },
      { kind: 'step-entered', run, at: instant() },
      decide,
      { kind: 'recall-run', run, at: instant() },
      { kind: 'recall-channel', channel: 'email', at: instant() },
      { kind: 'run-ended', run, outcome: 'exited', at: instant() },
    ];
    const messages = outputs(effects).messages();
    // All of the run is one record; the send and the two recalls are their own.
    expect(messages).toHaveLength(4);
    for (const { topic: name, key, value } of messages) {
      const topic = topics.find((known) => known.name === name);
      expect(topic && shapeCheck(topic.schema)(JSON.parse(String(value)))).toEqual([]);
      expect(key).toBe('demo:ann');
    }
  });

  it('tell what one cause made of one run as one record, and of another run, instant or trace as another', () => {
    const other = { ...run, id: 'another' };
    const all = outputs([{ kind: 'run-started', run, entry: 'event', at: instant() }, { kind: 'step-entered', run, at: instant() }, decide]);
    all.add([{ kind: 'step-entered', run: other, at: instant() }], occasion);
    all.add([{ kind: 'step-entered', run: other, at: instant(1) }], occasion);
    all.add([{ kind: 'step-entered', run: other, at: instant(1) }], { ...occasion, traceparent: 'another' });
    const told = all.messages().filter(({ topic }) => topic === journeyActivity.name).map(({ value }) => activitiesOf(JSON.parse(String(value)) as JourneyActivity));
    expect(told.map((each) => each.map(({ kind, journey, at }) => [kind, journey.runId === run.id, at]))).toEqual([
      [['run-started', true, instant()], ['step-entered', true, instant()], ['message-decided', true, instant()]],
      [['step-entered', false, instant()]],
      [['step-entered', false, instant(1)]],
      [['step-entered', false, instant(1)]],
    ]);
  });

  it.each<[string, Partial<Occasion>, string]>([
    ['the template is not published', { rules: rules(() => null) }, 'no-template'],
    ['the template has nothing for the channel', { rules: rules(() => ({ version: 1, has: () => false })) }, 'no-template'],
    ['the person declined', { profile: aProfile({ consent: { push: false } }) }, 'no-consent'],
    ['no device can be reached', { profile: aProfile({ devices: [] }) }, 'no-address'],
  ])('withhold with a decision and a reason to count when %s', (_sentence, change, rule) => {
    const all = outputs([decide], change);
    expect(all.messages().map(({ value }): unknown => JSON.parse(String(value)))).toMatchObject([{ outcome: 'withhold', rule, endpoints: [] }]);
    expect(all.suppressed).toEqual([rule]);
  });

  it('belong to the trace of the event, or of the run where the clock caused them', () => {
    const traces = (traceparent: string | null) => new Set(outputs([decide], { traceparent }).messages().map((sent) => sent.traceparent));
    expect(traces('of-the-event')).toEqual(new Set(['of-the-event']));
    expect(traces(null)).toEqual(new Set(['of-the-run']));
  });

  it.each<[string, Partial<AcceptedEvent>, object | null]>([
    ['a hard bounce', { properties: { bounce: 'hard' }, receipt: { ...report, kind: 'bounced' } }, { reason: 'hard_bounce' }],
    ['a soft one', { properties: { bounce: 'soft' }, receipt: { ...report, kind: 'bounced' } }, { reason: 'soft_bounce' }],
    ['a complaint', { receipt: { ...report, kind: 'complained' } }, { reason: 'complaint' }],
    ['an open', { receipt: { ...report, kind: 'opened' } }, null],
    ['a bounce that a dispatcher heard itself', { properties: { bounce: 'hard' }, receipt: { kind: 'bounced', messageId: 'm-1', channel: 'email', endpoint: 'email' } }, null],
    ['a bounce on a channel that there is not', { properties: { bounce: 'hard' }, receipt: { ...report, kind: 'bounced', channel: 'pigeon' } }, null],
  ])('tell dispatchers what %s means for its address', (_sentence, change, expected) => {
    const all = new Outputs();
    all.addReport(anActivity({ event: anEvent({ type: 'receipt', ...change }) }), null);
    const told = all.messages().map(({ topic, value }): unknown => ({ topic, value: JSON.parse(String(value)) as unknown }));
    const common = { workspace: 'demo', profileId: 'user-1', runId: null, channel: 'email', address: 'hash-1', messageId: 'm-1', at: instant() };
    expect(told).toMatchObject(expected === null ? [] : [{ topic: recalls.name, value: { ...common, ...expected } }]);
  });

  it('count a run that was refused, and publish nothing of it', () => {
    const all = outputs([{ kind: 'run-refused', journey: 'cart', at: instant() }]);
    expect([all.messages(), all.suppressed]).toEqual([[], ['too-many-runs']]);
  });

  it('show a text where somebody is, by names, unless a trait is called place', () => {
    const place = { point: { latitude: 48.57, longitude: 13.43, cell: '881e3200d1fffff', at: instant() }, area: { city: 'Passau', at: instant() } };
    const shown = (traits: Profile['traits']) => {
      const [, send] = outputs([decide], { profile: aProfile({ place, traits }) }).messages();
      return (JSON.parse(String(send?.value)) as SendRequested).variables['profile'];
    };
    expect(shown({})).toMatchObject({ place: { city: 'Passau' } });
    expect(JSON.stringify(shown({}))).not.toContain('48.57');
    expect(shown({ place: 'home' })).toMatchObject({ place: 'home' });
  });

  it('give templates the computed traits, where there are any, whatever trait has their name', () => {
    const variablesOf = (change: Partial<Profile>) =>
      outputs([decide], { profile: aProfile({ id: 'ann', traits: { computed: 'forged' }, ...change }) })
        .messages()
        .map(({ value }) => (JSON.parse(String(value)) as { variables?: { profile: object } }).variables?.profile)[1];
    expect(variablesOf({ computed: { orders: 3 } })).toEqual({ id: 'ann', computed: { orders: 3 } });
    expect(variablesOf({})).toEqual({ id: 'ann', computed: 'forged' });
  });

  it('never let a trait called id stand for the profile', () => {
    const [, send] = outputs([decide], { profile: aProfile({ id: 'ann', traits: { id: 'forged' } }) }).messages();
    expect(JSON.parse(String(send?.value))).toMatchObject({ variables: { profile: { id: 'ann' } }, expiresAt: instant(60_000) });
  });
});
