import { describe, expect, it } from '@jest/globals';
import type { CsvKind, CsvMap } from './csv-map.js';
import { checkCsvMap } from './csv-map.js';
import { compileRows } from './csv-rows.js';

const row = (kind: CsvKind, header: string, cells: readonly string[], map: CsvMap = {}) => {
  const rows = compileRows(kind, header.split(','), map);
  return typeof rows === 'string' ? rows : rows(cells);
};

describe('a row becomes a call', () => {
  it.each<[string, CsvKind, string, readonly string[], CsvMap, object]>([
    ['of the columns by their names', 'profiles', 'user_id,email,plan', ['ann', 'a@example.com', 'pro'], {}, { type: 'identify', userId: 'ann', traits: { email: 'a@example.com', plan: 'pro' } }],
    ['with types out of the header', 'profiles', 'id,age:number,vip:boolean,born:date,tags:json,code', ['7', '41', 'yes', '1985-02-03', '["x"]', '007'], {}, { userId: '7', traits: { age: 41, vip: true, born: '1985-02-03', tags: ['x'], code: '007' } }],
    ['without the empty cells', 'profiles', 'id,email,plan', ['7', '', 'pro'], {}, { type: 'identify', userId: '7', traits: { plan: 'pro' } }],
    ['by a map', 'profiles', 'Customer,E-mail,City,Note', ['ann', 'a@example.com', 'Porto', 'x'], { userId: 'Customer', columns: { 'E-mail': 'email', City: { as: 'address.city' }, Note: null } }, { type: 'identify', userId: 'ann', traits: { email: 'a@example.com', address: { city: 'Porto' } } }],
    ['with only the named columns', 'profiles', 'id,a,b', ['7', '1', '2'], { others: 'leave', columns: { a: { type: 'number' } } }, { type: 'identify', userId: '7', traits: { a: 1 } }],
    ['of an event', 'events', 'userId,event,timestamp,total:number', ['ann', 'Order Placed', '2025-01-02', '9.5'], {}, { type: 'track', userId: 'ann', event: 'Order Placed', timestamp: '2025-01-02', properties: { total: 9.5 } }],
    ['of an event that every row is', 'events', 'userId,event', ['ann', 'shown'], { eventName: 'Banner Seen' }, { type: 'track', userId: 'ann', event: 'Banner Seen', properties: { event: 'shown' } }],
    ['of somebody unknown', 'events', 'anonymous_id,event,message_id', ['b1', 'Seen', 'm1'], {}, { type: 'track', anonymousId: 'b1', event: 'Seen', messageId: 'm1', properties: {} }],
  ])('%s', (...[, kind, header, cells, map, expected]) => {
    const answer = row(kind, header, cells, map);
    expect(answer).toMatchObject(expected);
    expect((answer as { traits?: object }).traits).toEqual((expected as { traits?: object }).traits);
  });
});

describe('a row is refused', () => {
  it.each<[string, string, readonly string[], string, RegExp]>([
    ['with too few cells', 'id,a', ['7'], '', /1 cells where the header has 2/],
    ['with a number that is none', 'id,a:number', ['7', '1,5'], 'a', /must be a number/],
    ['with a boolean that is none', 'id,a:boolean', ['7', 'maybe'], 'a', /must be true or false/],
    ['with a date that is none', 'id,a:date', ['7', '03/02/1985'], 'a', /ISO 8601/],
    ['with JSON that is none', 'id,a:json', ['7', '{'], 'a', /must be JSON/],
    ['with bytes of another encoding', 'id,a', ['7', 'Jos\uFFFD'], 'a', /not UTF-8/],
    ['with a value inside a value', 'id,a,a.b', ['7', 'x', 'y'], 'a.b', /inside another/],
  ])('%s', (_name, header, cells, field, message) => {
    expect(row('profiles', header, cells)).toMatchObject({ kind: 'refused-row', field, message: expect.stringMatching(message) });
  });
});

describe('a file is refused', () => {
  it.each<[string, CsvKind, string, CsvMap, RegExp]>([
    ['that says of nobody', 'profiles', 'email', {}, /no column says whose/],
    ['of events without names', 'events', 'userId', {}, /no column names the event/],
    ['whose map names a column that is not there', 'profiles', 'id', { columns: { age: 'age' } }, /no column "age"/],
    ['with a column twice', 'profiles', 'id,a,a', {}, /"a" twice/],
    ['with a name that reaches a prototype', 'profiles', 'id,__proto__.x', {}, /cannot go by that name/],
    ['of profiles with an event', 'profiles', 'id', { eventName: 'x' }, /profiles have no event/],
  ])('%s', (_name, kind, header, map, expected) => {
    expect(row(kind, header, [], map)).toMatch(expected);
  });

  it('whose map has an unknown field', () => {
    expect(checkCsvMap({ user: 'id' })).toMatchObject([{ place: 'user', message: 'there is no such field' }]);
  });
});
