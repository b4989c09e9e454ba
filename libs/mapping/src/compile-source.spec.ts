import { describe, expect, it } from '@jest/globals';
import { checkSource, compileSource, isProblems, type SourceRecord } from './compile-source.js';

const kafka = { topic: 'shop.orders' };
const place = "{ 'type': 'track', 'userId': customer.id, 'event': 'Order Placed', 'properties': { 'total': total } }";
const record: SourceRecord = {
  data: { customer: { id: 'ann' }, total: 12, lines: [{ sku: 'a' }, { sku: 'b' }] },
  cloudEvent: null,
  key: 'k1',
  headers: { tenant: 'north' },
  at: '2026-03-02T10:00:00.000Z',
};

function mapped(source: object, change: Partial<SourceRecord> = {}) {
  const made = compileSource({ id: 'orders', kafka, ...source });
  if (isProblems(made)) throw new Error(JSON.stringify(made));
  return made.mapRecord({ ...record, ...change });
}

describe('a source maps', () => {
  const order = { type: 'track', userId: 'ann', event: 'Order Placed', properties: { total: 12 } };
  const cloudEvent = { id: 'e1', source: '/shop', type: 'com.example.order', subject: 'ann', time: null };

  it.each<[string, object, Partial<SourceRecord>, object]>([
    ['by one expression', { map: place }, {}, { kind: 'calls', calls: [order] }],
    ['to several calls', { map: "lines.{ 'type': 'track', 'userId': $$.customer.id, 'event': 'Line', 'properties': { 'sku': sku } }" }, {}, { calls: [{ properties: { sku: 'a' } }, { properties: { sku: 'b' } }] }],
    ['by an expression per field', { map: { type: "'identify'", userId: 'customer.id', traits: "{ 'spent': total }" } }, {}, { calls: [{ type: 'identify', userId: 'ann', traits: { spent: 12 } }] }],
    ['with key, headers and time', { map: { type: "'track'", userId: '$key', event: '$headers.tenant', timestamp: '$at' } }, {}, { calls: [{ userId: 'k1', event: 'north', timestamp: record.at }] }],
    ['to nothing, when an expression says nothing', { map: `total > 100 ? ${place}` }, {}, { kind: 'ignored' }],
    ['to nothing, when the type says nothing', { map: { type: "total > 100 ? 'track'", userId: 'customer.id' } }, {}, { kind: 'ignored' }],
    ['to nothing, by an empty list', { map: '[]' }, {}, { kind: 'ignored' }],
    ['a list as one record', { map: "{ 'type': 'track', 'userId': $[0].u, 'event': 'n' & $count($) }" }, { data: [{ u: 'x' }, { u: 'y' }] }, { calls: [{ userId: 'x', event: 'n2' }] }],
    ['CloudEvents by their type', { byType: { 'com.example.order': { type: "'track'", userId: '$cloudEvent.subject', event: '$cloudEvent.type' } } }, { cloudEvent }, { calls: [{ userId: 'ann', event: 'com.example.order' }] }],
    ['CloudEvents of another type by the general map', { map: place, byType: { other: "{ 'type': 'page' }" } }, { cloudEvent }, { calls: [order] }],
    ['CloudEvents of another type to nothing without one', { byType: { other: "{ 'type': 'page' }" } }, { cloudEvent }, { kind: 'ignored' }],
    ['regular expressions', { map: "{ 'type': $match('id-42', /id-(\\d+)/).groups[0], 'event': $replace('aXbx', /x/i, '-'), 'name': $split('a1b2', /\\d/)[1] }" }, {}, { calls: [{ type: '42', event: 'a-b-', name: 'b' }] }],
    ['$pad, which is ours', { map: "{ 'type': $pad('7', -3, '0') & $pad('x', 3) & '|' }" }, {}, { calls: [{ type: '007x  |' }] }],
  ])('%s', async (_name, source, change, expected) => {
    expect(await mapped(source, change)).toMatchObject(expected);
  });

  it('leaves no functions and no lists of another kind in what it makes', async () => {
    const answer = await mapped({ map: "{ 'type': 'track', 'properties': { 'f': $sum, 'skus': lines.sku } }" });
    expect(answer).toStrictEqual({ kind: 'calls', calls: [{ type: 'track', properties: { skus: ['a', 'b'] } }] });
  });
});

describe('a record fails, and costs no more than the bounds,', () => {
  it.each<[string, string, RegExp]>([
    ['when an expression fails on it', "$number(customer.id)", /^fails at character \d+ \(JSONata D3030\)$/],
    ['when it makes no object', 'total', /^must make an object/],
    ['when it makes too many calls', "[1..200].{ 'type': 'track' }", /more than 100 calls/],
    ['when it takes too many steps', '$sum([1..9000].($ * 2 + 1 - 3))', /more than 20000 steps/],
    ['when it never ends', '($f := function($n) { $f($n + 1) }; $f(0))', /more than 20000 steps|longer than|nested deeper/],
    ['when it recurses without end', '($f := function($n) { 1 + $f($n + 1) }; $f(0))', /nested deeper|more than 20000 steps/],
    ['when it makes a long list', '[1..9000000]', /list of more than 10000/],
    ['when it makes a long text', "$reduce([1..30], function($a, $b) { $a & $a }, 'xxxxxxxxxx')", /text of more than/],
    ['when it pads without end', "$pad('x', 900000000)", /text of more than/],
    ['when a small value unfolds', "($b := [1..5000]; { 'type': [$b, [$b], [[$b]], [[[$b]]], [[[[$b]]]]] })", /more than an event can hold/],
  ])('%s', async (_name, map, expected) => {
    const answer = await mapped({ map });
    expect(answer).toMatchObject({ kind: 'failed', place: 'map', reason: expect.stringMatching(expected) });
  });

  it('when a pattern would take for ever in another engine', async () => {
    const answer = await mapped({ map: "{ 'type': $contains(text, /^(a+)+$/) }" }, { data: { text: `${'a'.repeat(50_000)}b` } });
    expect(answer).toMatchObject({ kind: 'calls', calls: [{ type: false }] });
  });

  it('without a value of the record in the reason, which is kept; the detail is for whoever sent the record', async () => {
    const answer = await mapped({ map: { type: "'track'", userId: '$number(customer.id)' } });
    expect(answer).toMatchObject({ kind: 'failed', place: 'map.userId', detail: expect.stringContaining('ann') });
    expect(answer).toMatchObject({ reason: expect.not.stringContaining('ann') });
  });
});

describe('a source definition is refused', () => {
  const standard = { scheme: 'standard-webhooks', sealedSecrets: ['v1.x'] };
  it.each<[string, object, RegExp]>([
    ['without a place that records come from', { map: place }, /^: say either kafka or webhook/],
    ['with two', { kafka, webhook: { signature: standard }, map: place }, /^: say either kafka or webhook/],
    ['without a mapping', { kafka }, /^map: is missing/],
    ['with an expression that does not parse', { kafka, map: "{ 'type': " }, /^map: is no JSONata: .* at character \d+/],
    ['with one field that does not parse', { kafka, map: { type: "'track'", userId: 'a..b(' } }, /^map\.userId: is no JSONata/],
    ['with a wrong mapping by type', { kafka, byType: { order: '((' } }, /^byType\.order: is no JSONata/],
    ['with $now, which changes', { kafka, map: "{ 'type': $now() }" }, /^map: \$now cannot be used: .*\$at/],
    ['with $eval under another name', { kafka, map: "($e := $eval; $e('1'))" }, /^map: \$eval cannot be used/],
    ['with chance', { kafka, map: '$random()' }, /^map: \$random cannot be used/],
    ['with a pattern that RE2 has not', { kafka, map: '$match(a, /(?=b)/)' }, /^map: the regular expression is none of RE2/],
    ['with a pattern that is too large', { kafka, map: '$match(a, /(a{1,500}){1,2}/)' }, /^map: the regular expression is too large/],
    ['with an unknown field', { kafka, map: place, colour: 'red' }, /^colour: there is no such field/],
    ['with a topic that is none', { kafka: { topic: 'a b' }, map: place }, /^kafka\.topic: /],
    ['with a webhook that nobody signs', { webhook: {}, map: place }, /^webhook\.signature: is missing/],
    ['with an expression that is too long', { kafka, map: `'${'x'.repeat(8_000)}'` }, /^map: /],
  ])('%s', (_name, source, expected) => {
    const problems = checkSource({ id: 'orders', ...source }).map(({ place: at, message }) => `${at}: ${message}`);
    expect(problems.find((problem) => expected.test(problem)) ?? problems).toMatch(expected);
  });

  it('not when everything is right', () => {
    expect(checkSource({ id: 'orders', kafka, map: place })).toEqual([]);
    expect(checkSource({ id: 'hook', webhook: { signature: standard }, map: place })).toEqual([]);
  });
});
