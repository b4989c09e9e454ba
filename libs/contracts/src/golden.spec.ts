import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import { conditionKinds } from './definitions/condition.js';
import { stepTypes } from './definitions/journey-definition.js';
import { EventType } from './topics/accepted-event.js';
import { allTopics } from './topics/all-topics.js';
import { FactKind } from './topics/analytics-fact.js';
import { deadLetters } from './topics/dead-letter.js';
import { DefinitionRecord } from './topics/definition-record.js';
import { DeliveryKind } from './topics/delivery-event.js';
import { JourneyActivity } from './topics/journey-activity.js';

const folder = join(import.meta.dirname, '../golden');
const files = readdirSync(folder).filter((file) => file.endsWith('.v1.json'));
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const topicOf = (file: string) =>
  allTopics.filter(({ name }) => file.startsWith(`${name}.`)).toSorted((a, b) => b.name.length - a.name.length)[0];
const validators = new Map(allTopics.map(({ name, schema }) => [name, Compile<TSchema>(schema)]));

/** The values of a field over all samples of a topic. */
const told = (topic: string, field: string): Set<unknown> =>
  new Set(
    files
      .filter((file) => topicOf(file)?.name === topic)
      .map((file) => Reflect.get(read(file) as object, field) as unknown),
  );
const constants = (union: { readonly anyOf: readonly TSchema[] }): unknown[] =>
  union.anyOf.map((variant) => (variant as { properties?: { kind?: { const?: string } } }).properties?.kind?.const);

describe('golden samples', () => {
  it.each(files)('%s is still understood, and comes back as it was', (file) => {
    const topic = topicOf(file);
    const validator = validators.get(topic?.name ?? '');
    expect(validator?.Errors(read(file))).toEqual([]);
    expect(JSON.parse(JSON.stringify(read(file)))).toEqual(read(file));
  });

  it('never change: whoever reads a topic from its beginning meets them', () => {
    const sums = Object.fromEntries(
      files.map((file) => [
        file,
        createHash('sha256')
          .update(JSON.stringify(read(file)))
          .digest('hex'),
      ]),
    );
    // A new sample is added to the list with `node libs/contracts/publish.mjs`; an old one stays as it is.
    expect(sums).toEqual(read('checksums.json'));
  });

  it('exist for every topic', () => {
    const sampled = new Set(files.map((file) => topicOf(file)?.schema));
    expect(allTopics.filter((topic) => topic !== deadLetters && !sampled.has(topic.schema))).toEqual([]);
  });

  it('exist for every kind of message', () => {
    expect(told('events', 'type')).toEqual(new Set(EventType.enum));
    expect(told('journey-activity', 'kind')).toEqual(new Set(constants(JourneyActivity)));
    expect(told('delivery-events', 'kind')).toEqual(new Set(DeliveryKind.enum));
    expect(told('analytics.facts', 'fact')).toEqual(new Set(FactKind.enum));
    expect(told('definitions', 'kind')).toEqual(new Set(constants(DefinitionRecord)));
  });

  it('use every kind of condition and every type of step', () => {
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    const unused = [...Object.keys(conditionKinds), ...Object.keys(stepTypes)].filter(
      (key) => !texts.includes(`"${key}":`),
    );
    expect(unused).toEqual([]);
  });
});
