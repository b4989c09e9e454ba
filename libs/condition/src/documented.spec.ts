import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { conditionKinds, type Condition } from '@tidings/contracts';
import { parse } from 'yaml';
import { comparisonNames } from './comparison.js';
import { parseCondition } from './parse-condition.js';

const page = readFileSync(new URL('../../../docs/conditions.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

describe('the page about conditions', () => {
  it.each(examples.map((text, index) => [index + 1, text] as const))('has an example %d that is right', (_, text) => {
    expect(parseCondition(parse(text), 'where')).toMatchObject({ ok: true });
  });

  it('has one of every kind, of every field and of every comparison', () => {
    const leaves = Object.values(conditionKinds).flatMap(({ properties }) => Object.keys(properties));
    const used = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Array.isArray(value)) for (const key of Object.keys(value)) used.add(key);
      Object.values(value).forEach(collect);
    };
    for (const text of examples) collect(parse(text) as Condition);
    expect([...leaves, ...comparisonNames].filter((name) => !used.has(name))).toEqual([]);
  });
});
