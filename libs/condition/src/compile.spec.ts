import { describe, expect, it } from '@jest/globals';
import type { Condition, Values } from '@tidings/contracts';
import { compile } from './compile.js';
import { parseCondition } from './parse-condition.js';
import { mentionsOf } from './mentions.js';
import type { Done, Person, Subject } from './subject.js';

const ada: Values = {
  plan: 'pro',
  age: 36,
  score: '36',
  tags: ['early', 7],
  email: 'Ada@Example.com',
  born: '1990-03-13',
  leapling: '1992-02-29',
  renewsAt: '2026-03-12T08:00:00+02:00',
  signedUp: '2026-03-01',
  soon: '2026-02-30',
  address: { city: 'London', lines: ['1 Main St'] },
  'address.zip': 'N1',
  none: null,
};
const noon = Date.parse('2026-03-10T12:00:00Z');
interface Known {
  readonly person?: Partial<Person>;
  readonly done?: Partial<Done>;
  readonly now?: number;
}
const nothingDone: Done = { count: () => 0, number: () => undefined, told: () => undefined, frequent: () => undefined, firstIn: () => undefined, times: () => undefined, completedAt: () => null, streak: () => 0 };
const of = (traits: Values, { person, done, now = noon }: Known = {}): Subject => ({
  person: { id: 'ann', traits, devices: [], consent: {}, timezone: null, ...person },
  now,
  done: { ...nothingDone, ...done },
  isIn: (segment) => segment === 'premium',
  computed: () => undefined,
});
const holds = (condition: Condition, subject = of(ada)): boolean => {
  expect(parseCondition(condition, 'where')).toMatchObject({ ok: true });
  return compile(condition)(subject);
};

describe('compile', () => {
  it.each<[string, Condition, boolean]>([
    ['equals the same text', { trait: 'plan', equals: 'pro' }, true],
    ['tells upper from lower case', { trait: 'plan', equals: 'Pro' }, false],
    ['does not take a text for a number', { trait: 'score', equals: 36 }, false],
    ['takes what is absent for null', { trait: 'missing', equals: null }, true],
    ['never equals a list', { trait: 'tags', equals: 'early' }, false],
    ['is not equal to another value', { trait: 'plan', notEquals: 'free' }, true],
    ['is not equal when absent', { trait: 'missing', notEquals: 'free' }, true],
    ['is one of', { trait: 'plan', oneOf: ['free', 'pro'] }, true],
    ['is none of', { trait: 'plan', oneOf: ['free', 1] }, false],
    ['contains a part', { trait: 'plan', contains: 'ro' }, true],
    ['contains an item', { trait: 'tags', contains: 7 }, true],
    ['contains no part of an item', { trait: 'tags', contains: 'ear' }, false],
    ['a number contains nothing', { trait: 'age', contains: 3 }, false],
    ['exists', { trait: 'age', exists: true }, true],
    ['null does not exist', { trait: 'none', exists: true }, false],
    ['is absent', { trait: 'missing', exists: false }, true],
    ['is greater', { trait: 'age', greaterThan: 35 }, true],
    ['is not greater than itself', { trait: 'age', greaterThan: 36 }, false],
    ['a text is never greater', { trait: 'score', greaterThan: 1 }, false],
    ['is less', { trait: 'age', lessThan: 36.5 }, true],
    ['lies between', { trait: 'age', greaterThan: 30, lessThan: 36 }, false],
    ['is at least as much', { trait: 'age', atLeast: 36 }, true],
    ['is less than the least', { trait: 'age', atLeast: 36.1 }, false],
    ['is at most as much', { trait: 'age', atMost: 36 }, true],
    ['is more than the most', { trait: 'age', atMost: 35 }, false],
    ['lies between two numbers, whose ends count', { trait: 'age', between: [36, 40] }, true],
    ['a text lies between no numbers', { trait: 'score', between: [0, 100] }, false],
    ['starts with', { trait: 'email', startsWith: 'Ada@' }, true],
    ['does not start with another case', { trait: 'email', startsWith: 'ada@' }, false],
    ['ends with', { trait: 'email', endsWith: '.com' }, true],
    ['a number ends with nothing', { trait: 'age', endsWith: '6' }, false],
    ['matches a part', { trait: 'email', matches: '@example\\.(com|org)$' }, false],
    ['matches whatever the case', { trait: 'email', matches: '(?i)@example\\.(com|org)$' }, true],
    ['a number matches nothing', { trait: 'age', matches: '3' }, false],
    ['lies before a date', { trait: 'signedUp', before: '2026-03-02' }, true],
    ['does not lie before its own date', { trait: 'signedUp', before: '2026-03-01' }, false],
    ['lies before an instant', { trait: 'renewsAt', before: '2026-03-12T06:00:00.001Z' }, true],
    ['does not lie before itself', { trait: 'renewsAt', before: '2026-03-12T06:00:00Z' }, false],
    ['lies after a date once that is over', { trait: 'renewsAt', after: '2026-03-11' }, true],
    ['does not lie after its own date', { trait: 'renewsAt', after: '2026-03-12' }, false],
    ['a date begins at midnight', { trait: 'signedUp', after: '2026-02-28T23:59:59.999Z' }, true],
    ['lies between dates, to the end of the last', { trait: 'renewsAt', between: ['2026-03-01', '2026-03-12'] }, true],
    ['lies behind the end', { trait: 'renewsAt', between: ['2026-03-01', '2026-03-11'] }, false],
    ['a day that no calendar has is no date', { trait: 'soon', before: '2030-01-01' }, false],
    ['a number is no date', { trait: 'age', before: '2030-01-01' }, false],
    ['a date of the last ten days', { trait: 'signedUp', withinLast: '10d' }, true],
    ['a date nine and a half days ago', { trait: 'signedUp', withinLast: '9d' }, false],
    ['what is to come is not within the last', { trait: 'renewsAt', withinLast: '9d' }, false],
    ['a date of the next two days', { trait: 'renewsAt', withinNext: '2d' }, true],
    ['a date behind the next day', { trait: 'renewsAt', withinNext: '1d' }, false],
    ['what is past is not within the next', { trait: 'signedUp', withinNext: '9w' }, false],
    ['a birthday in three days', { trait: 'born', anniversary: { in: '3d' } }, true],
    ['a birthday in two days', { trait: 'born', anniversary: { in: '2d' } }, false],
    ['a birthday today', { trait: 'born', anniversary: {} }, false],
    ['a text has no birthday', { trait: 'plan', anniversary: {} }, false],
    ['every comparison must hold', { trait: 'email', startsWith: 'Ada', endsWith: '.org' }, false],
    ['looks into an object', { trait: 'address.city', equals: 'London' }, true],
    ['looks into a list', { trait: 'address.lines.0', contains: 'Main' }, true],
    ['prefers a name with a dot in it', { trait: 'address.zip', equals: 'N1' }, true],
    ['sees no inherited trait', { trait: 'toString', exists: true }, false],
    ['sees no prototype', { trait: '__proto__', exists: true }, false],
    ['sees no prototype of an inner object', { trait: 'address.constructor.name', exists: true }, false],
    [
      'all hold',
      {
        all: [
          { trait: 'plan', equals: 'pro' },
          { trait: 'age', equals: 36 },
        ],
      },
      true,
    ],
    [
      'not all hold',
      {
        all: [
          { trait: 'plan', equals: 'pro' },
          { trait: 'age', equals: 1 },
        ],
      },
      false,
    ],
    [
      'any holds',
      {
        any: [
          { trait: 'plan', equals: 'x' },
          { trait: 'age', equals: 36 },
        ],
      },
      true,
    ],
    [
      'none holds',
      {
        any: [
          { trait: 'plan', equals: 'x' },
          { trait: 'age', equals: 1 },
        ],
      },
      false,
    ],
    ['not', { not: { trait: 'plan', equals: 'pro' } }, false],
    ['is in a segment', { segment: 'premium' }, true],
    ['is not in a segment', { segment: 'others' }, false],
  ])('%s', (_, condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  it.each<[string, Condition, number[]]>([
    ['at least once when nothing is said', { performed: 'X' }, [1, 2, 3, 4, 5]],
    ['at least', { performed: 'X', atLeast: 3, withinLast: '30d' }, [3, 4, 5]],
    ['at most', { performed: 'X', atMost: 2 }, [0, 1, 2]],
    ['from least to most', { performed: 'X', atLeast: 2, atMost: 3 }, [2, 3]],
    ['exactly', { performed: 'X', exactly: 2, since: '2026-01-01' }, [2]],
    ['exactly never', { performed: 'X', exactly: 0 }, [0]],
    ['never', { performed: 'X', never: true, between: ['2026-01-01', '2026-01-31'] }, [0]],
    ['of how many messages', { message: 'opened', atLeast: 2, withinLast: '7d' }, [2, 3, 4, 5]],
    ['of at most so many messages', { message: 'sent', atMost: 1, withinLast: '7d' }, [0, 1]],
    ['of so many messages', { message: 'clicked', exactly: 3 }, [3]],
    ['of no message', { message: 'delivered', never: true, withinLast: '30d' }, [0]],
    ['how many different ones', { performed: 'X', distinct: 'sku', value: { between: [2, 4] } }, [2, 3, 4]],
  ])('asks how often: %s', (_, condition, expected) => {
    const [question] = mentionsOf(condition).questions;
    const windowMs = question !== undefined && 'windowMs' in question ? question.windowMs : Number.NaN;
    const counted =
      (count: number): Done['count'] =>
      (key, window) =>
        key === question?.key && window === windowMs ? count : Number.NaN;
    const held = [0, 1, 2, 3, 4, 5].filter((count) => holds(condition, of({}, { done: { count: counted(count) } })));
    expect(held).toEqual(expected);
  });

  it.each<[string, Condition, (number | undefined)[]]>([
    ['a sum', { performed: 'X', sum: 'total', value: { atLeast: 2 } }, [2, 3]],
    ['an average', { performed: 'X', average: 'total', value: { lessThan: 2 }, withinLast: '30d' }, [1]],
    ['a minimum', { performed: 'X', minimum: 'total', value: { equals: 2 } }, [2]],
    ['a maximum', { performed: 'X', maximum: 'total', value: { between: [1, 2] } }, [1, 2]],
    ['that there is none', { performed: 'X', maximum: 'total', value: { exists: false } }, [undefined]],
  ])('asks what a property comes to: %s', (name, condition, expected) => {
    const number: Done['number'] = (_, __, of) => (name.endsWith(of) || name.includes('none') ? value : Number.NaN);
    let value: number | undefined;
    const held = [undefined, 1, 2, 3].filter(
      (each) => ((value = each), holds(condition, of({}, { done: { number } }))),
    );
    expect(held).toEqual(expected);
  });

  it.each<[string, Condition, boolean]>([
    ['first before', { performed: 'X', firstTime: { before: '2026-03-02' } }, true],
    ['not first after', { performed: 'X', firstTime: { after: '2026-03-01' } }, false],
    ['last within', { performed: 'X', lastTime: { withinLast: '1d' } }, true],
    ['not last within', { performed: 'X', lastTime: { withinLast: '2h' } }, false],
    ['both', { performed: 'X', firstTime: { withinLast: '10d' }, lastTime: { after: '2026-03-09' } }, true],
  ])('asks when: %s', (_, condition, expected) => {
    const times = { first: Date.parse('2026-03-01T23:59:59Z'), last: noon - 3 * 3_600_000 };
    expect(holds(condition, of({}, { done: { times: () => times } }))).toBe(expected);
    expect(holds(condition)).toBe(false);
  });

  it.each<[string, Condition, number[]]>([
    ['at least one', { message: 'ignored' }, [1, 2, 3]],
    ['so many', { message: 'ignored', atLeast: 2, after: '3d', withinLast: '30d' }, [2, 3]],
    ['none', { message: 'ignored', never: true }, [0]],
    ['or whether the latest word about a list was yes', { listed: 'vip' }, [1, 2, 3]],
  ])('asks how many messages were ignored: %s', (_, condition, expected) => {
    const [question] = mentionsOf(condition).questions;
    const counted = (count: number): Done['count'] => (key, window) => key === question?.key && window === null ? count : Number.NaN;
    expect([0, 1, 2, 3].filter((count) => holds(condition, of({}, { done: { count: counted(count) } })))).toEqual(expected);
  });

  it('asks when a sequence was completed', () => {
    const sequence = [{ performed: 'A' }, { performed: 'B', where: [{ property: 'n', atMost: 2 }] }];
    const ago = (ms: number) => of({}, { done: { completedAt: () => noon - ms } });
    const within = { sequence, within: '1h', withinLast: '1d' };
    expect([86_399_999, 86_400_000].map((ms) => holds(within, ago(ms)))).toEqual([true, false]);
    expect([holds({ sequence }, ago(1e12)), holds({ sequence })]).toEqual([true, false]);
  });

  it.each<[string, Condition, boolean]>([
    ['the platform', { device: { platform: 'IOS' } }, true],
    ['no such platform', { device: { platform: 'web' } }, false],
    [
      'the version of the app',
      { device: { platform: 'android', appVersion: { atLeast: '3.10', lessThan: '4' } } },
      true,
    ],
    ['another version of the app', { device: { appVersion: { atLeast: '3.12' } } }, false],
    ['a device that can be pushed to', { device: { pushEnabled: true } }, true],
    ['all of it of one device', { device: { platform: 'ios', pushEnabled: true } }, false],
    ['a device that cannot', { device: { platform: 'ios', pushEnabled: false } }, true],
    ['that they agreed', { consent: 'email', is: 'agreed' }, true],
    ['that they declined', { consent: 'push', is: 'declined' }, true],
    ['a subscription', { consent: 'newsletter', is: 'agreed' }, true],
    ['not what they did not', { consent: 'push', is: 'agreed' }, false],
    ['that nobody asked', { consent: 'sms', is: 'unasked' }, true],
    ['that nobody asked, whatever the name', { consent: 'toString', is: 'unasked' }, true],
  ])('asks what the person is: %s', (_, condition, expected) => {
    const devices = [
      { type: 'ios', token: null },
      { type: 'android', token: 't', appVersion: '3.11.2' },
      { type: null, token: null },
    ];
    expect(holds(condition, of({}, { person: { devices, consent: { email: true, push: false, newsletter: true } } }))).toBe(expected);
  });

  it.each<[string, Condition, boolean]>([
    ['the country', { place: { country: 'DE' } }, true],
    ['the country, however it is spelled', { place: { country: 'de' } }, true],
    ['one of several countries', { place: { country: ['AT', 'DE'] } }, true],
    ['another country', { place: { country: ['AT', 'CH'] } }, false],
    ['the region', { place: { region: 'Bayern' } }, true],
    ['the city and the country', { place: { city: 'Passau', country: 'DE' } }, true],
    ['the city and another country', { place: { city: 'Passau', country: 'AT' } }, false],
    ['near enough', { place: { within: { latitude: 48.57, longitude: 13.43, km: 5 } } }, true],
    ['too far away', { place: { within: { latitude: 48.31, longitude: 14.29, km: 50 } } }, false],
    ['near enough and in the country', { place: { country: 'DE', within: { latitude: 48.31, longitude: 14.29, km: 80 } } }, true],
  ])('asks where the person is: %s', (_, condition, expected) => {
    const place = {
      point: { latitude: 48.5665, longitude: 13.4312, cell: '881f8c2b53fffff', at: '2026-03-02T12:00:00.000Z' },
      area: { country: 'DE', region: 'Bayern', city: 'Passau', at: '2026-03-02T12:00:00.000Z' },
    };
    expect(holds(condition, of({}, { person: { place } }))).toBe(expected);
    const nowhere = [{}, { place: null }, { place: {} }].map((person) => holds(condition, of({}, { person })));
    expect(nowhere).toEqual([false, false, false]);
  }); // prettier-ignore

  it.each<[string, number | null, boolean]>([
    ['was never crossed', null, false],
    ['was crossed an hour ago, and not less', noon - 3_600_000, false],
    ['was crossed less than an hour ago', noon - 3_599_999, true],
  ])('asks of a border: %s', (_, completedAt, expected) => {
    const condition: Condition = { place: { entered: { latitude: 0, longitude: 0, km: 1 }, withinLast: '1h' } };
    expect(holds(condition, of({}, { done: { completedAt: () => completedAt } }))).toBe(expected);
  });

  it('puts a stable share of all into a bucket', () => {
    const inside = (salt: string) => (id: number) =>
      holds({ bucket: { percent: 30, salt } }, of({}, { person: { id: `p${id}` } }));
    const ids = Array.from({ length: 2000 }, (_, id) => id);
    const picked = ids.filter(inside('a'));
    expect(picked.length).toBeGreaterThan(540);
    expect(picked.length).toBeLessThan(660);
    // Kept by everybody who was ever told who is in: it never changes.
    expect(picked.slice(0, 5)).toEqual([8, 12, 16, 19, 24]);
    const both = picked.filter(inside('b')).length;
    expect(both).toBeGreaterThan(picked.length * 0.2);
    expect(both).toBeLessThan(picked.length * 0.4);
    expect(ids.every((id) => holds({ bucket: { percent: 100 } }, of({}, { person: { id: `p${id}` } })))).toBe(true);
  });

  it('sees traits that the sender named like parts of the prototype', () => {
    const traits = JSON.parse('{"__proto__":"x","hasOwnProperty":1}') as Values;
    expect(holds({ trait: '__proto__', equals: 'x' }, of(traits))).toBe(true);
    expect(holds({ trait: 'hasOwnProperty', equals: 1 }, of(traits))).toBe(true);
  });
});
