import { describe, expect, it } from '@jest/globals';
import { namesPerson } from './names-person.js';

describe('a dead letter', () => {
  it.each<[string, string, boolean]>([
    ['names somebody by their user id', '{"type":"track","userId":"ann"}', true],
    ['by an id deep inside', '{"batch":[null,{"context":{"traits":{"customer":["x","ann"]}}}]}', true],
    ['by an anonymous id as senders write it', '{"anonymousId":"d1"}', true],
    ['by an id that is a number', '{"customer":42}', true],
    ['does not by part of a value', '{"userId":"annabel"}', false],
    ['does not by the name of a field', '{"ann":1}', false],
    ['that is no JSON names somebody by a long id', '{"userId":"customer-1042', true],
    ['that is no JSON does not by a short one', '{"userId":"ann', false],
    ['that is empty names nobody', '', false],
    ['that says nothing names nobody', 'null', false],
    ['however deep it is', `${'['.repeat(5_000)}"ann"${']'.repeat(5_000)}`, true],
  ])('%s', (_sentence, text, expected) => {
    expect(namesPerson(text, ['ann', 'd1', '42', 'customer-1042'])).toBe(expected);
  });
});
