import { describe, expect, it } from '@jest/globals';
import { Compile } from 'typebox/compile';
import { asyncApi } from './async-api.js';
import { definitionSchemas } from './definition-schemas.js';
import { allTopics } from './topics/all-topics.js';

interface Document {
  readonly channels: Readonly<
    Record<string, { readonly address: string; readonly messages: Readonly<Record<string, unknown>> }>
  >;
  readonly components: { readonly messages: object; readonly schemas: Readonly<Record<string, object>> };
}
const document = asyncApi('acme.') as unknown;

/** Everything that the document refers to. */
const references = (node: unknown): string[] => {
  if (typeof node !== 'object' || node === null) return [];
  const own = Reflect.get(node, '$ref') as unknown;
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(node).flatMap(references)];
};
const lookUp = (reference: string): unknown =>
  reference
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (node, part) => (typeof node === 'object' && node !== null ? (Reflect.get(node, part) as unknown) : undefined),
      document,
    );

describe('the AsyncAPI document', () => {
  const { channels, components } = document as Document;

  it('has a channel for each topic, under its name in this installation', () => {
    expect(Object.keys(channels)).toEqual(allTopics.map(({ name }) => name));
    expect(channels['analytics.facts']?.address).toBe('acme.analytics.facts');
  });

  it('refers to nothing that it does not hold', () => {
    const all = references(document);
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((reference) => lookUp(reference) === undefined)).toEqual([]);
  });

  it('names each kind of message of a topic that has several', () => {
    expect(Object.keys(channels['journey-activity']?.messages ?? {})).toEqual([
      'JourneyActivityRunStarted',
      'JourneyActivityStepEntered',
      'JourneyActivityRunEnded',
      'JourneyActivityMessageDecided',
      'JourneyActivityRunFollowed',
    ]);
    expect(Object.keys(channels['sends.push.bulk']?.messages ?? {})).toEqual(['SendRequested']);
  });

  it('holds schemas that other programs can use: named, without ids of ours', () => {
    expect(Object.keys(components.schemas)).toEqual(
      expect.arrayContaining(['AcceptedEvent', 'Condition', 'AnalyticsFacts', 'DefinitionsJourney']),
    );
    expect(JSON.stringify(components.schemas)).not.toContain('"$id"');
  });

  it('is said the same way every time', () => {
    expect(JSON.stringify(asyncApi('acme.'))).toBe(JSON.stringify(document));
  });
});

describe('the schemas of definition files', () => {
  const schemas = definitionSchemas();

  it.each<[keyof typeof schemas, object]>([
    [
      'segment',
      {
        where: {
          all: [
            { trait: 'plan', equals: 'premium' },
            { performed: 'Order Completed', atLeast: 3, withinLast: '30d' },
          ],
        },
      },
    ],
    [
      'segment',
      { id: 'frequent-buyers', name: 'n', where: { performed: 'x', atLeast: '${orders}', withinLast: '${window}' } },
    ],
    [
      'journey',
      {
        entry: [{ event: 'Signed Up' }],
        steps: [
          { id: 'a', delay: '${pause}' },
          { id: 'b', message: { email: { template: 'welcome' } } },
        ],
      },
    ],
    ['push', { title: 't', body: 'b' }],
    ['email', { from: 'Shop <hello@shop.example>' }],
  ])('take what a person writes: %s %j', (kind, file) => {
    expect(Compile(schemas[kind]).Errors(file)).toEqual([]);
  });

  it.each<[keyof typeof schemas, object]>([
    ['segment', { where: { all: [{ trait: 'plan', equal: 'premium' }] } }],
    ['segment', { where: { performed: 'x', withinLast: '30 days' } }],
    ['segment', { id: 'Frequent Buyers', where: { trait: 'x', exists: true } }],
    ['journey', { entry: [{ event: 'Signed Up' }], steps: [{ id: 'a', delay: '1d', nxt: 'end' }] }],
    ['journey', { steps: [] }],
    ['push', { title: 't' }],
    ['email', { html: '<p>in email.html</p>' }],
  ])('refuse what cannot be right: %s %j', (kind, file) => {
    expect(Compile(schemas[kind]).Check(file)).toBe(false);
  });

  it('are each known by an id of their own', () => {
    expect(Object.values(schemas).map(({ $id }) => $id)).toEqual(
      ['segment', 'computed-trait', 'journey', 'source', 'push', 'email'].map((kind) => `urn:tidings:schema:${kind}:v1`),
    );
  });
});
