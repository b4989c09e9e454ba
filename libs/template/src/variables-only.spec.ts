import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileText, escapeHtml } from './compile-text.js';
import { htmlEngine } from './engine.js';
import { fill, variablesOnly } from './variables-only.js';

describe('a template of variables only', () => {
  it.each([
    ['plain text', 'nothing to fill', true],
    ['variables with and without a fallback', 'Hi {{ profile.name | default: "you" }}, {{ event.id }}', true],
    ['another filter', '{{ name | upcase }}', false],
    ['a tag', '{% if a %}b{% endif %}', false],
    ['a word that Liquid reads otherwise', '{{ items.size }}', false],
    ['trimming', '{{- a -}}', false],
    ['an index', '{{ a[0] }}', false],
  ])('is seen: %s', (_name, source, expected) => {
    expect(variablesOnly(source) !== null).toBe(expected);
  });

  const name = fc.constantFrom('a', 'b', 'name', 'x_1');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('.'));
  const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.array(fc.integer()));
  const literal = fc.string().map((text) => text.replace(/[{}%]/g, ''));
  const fallback = fc.option(fc.string().map((text) => text.replace(/["\\{}%]/g, '')));
  const part = fc.tuple(literal, path, fallback).map(([text, at, or]) => `${text}{{ ${at}${or === null ? '' : ` | default: "${or}"`} }}`);
  const plain = { noNullPrototype: true };
  const inner = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, plain)), plain);
  const variables = fc.dictionary(name, fc.oneof(value, inner), plain);

  it('writes the same bytes as the interpreter', () => {
    fc.assert(
      fc.property(fc.array(part), variables, (parts, values) => {
        const source = parts.join('');
        const simple = variablesOnly(source);
        const expected = htmlEngine.parseAndRenderSync(source, values) as string;
        expect(simple).not.toBeNull();
        if (simple) expect(fill(simple, values, escapeHtml) ?? expected).toBe(expected);
        expect(compileText(source, 'html')(values)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
