import { describe, expect, it } from '@jest/globals';
import type { JourneyDefinition } from '@tidings/contracts';
import { dependentsOf, type Depended } from './index.js';

const journey = (id: string, change: Partial<JourneyDefinition>): JourneyDefinition => ({ id, entry: [{ event: 'Seen' }], steps: [{ id: 'wait', delay: '1d' }], ...change });
const mentioning = {
  segments: [
    { id: 'buyers', where: { performed: 'Ordered' } },
    { id: 'lapsed', where: { all: [{ segment: 'buyers' }, { not: { performed: 'Ordered', withinLast: '30d' } }] } },
    { id: 'spenders', where: { computed: 'spent', atLeast: 100 } },
    { id: 'lapsed-pro', where: { all: [{ trait: 'plan', equals: 'pro' }, { any: [{ segment: 'lapsed' }, { segment: 'buyers' }] }] } },
  ],
  journeys: [
    journey('greeting', { entry: [{ event: 'Seen' }, { segment: 'buyers' }], steps: [{ id: 'hello', message: { push: { template: 'hi' } } }] }),
    journey('winning-back', { steps: [{ id: 'ask', branch: { if: { not: { segment: 'lapsed-pro' } }, then: 'end', else: 'end' } }] }),
    journey('rewarding', { entry: [{ segment: 'spenders' }], steps: [{ id: 'ask', branch: { if: { computed: 'spent', atLeast: 500 }, then: 'end', else: 'end' } }] }),
    journey('else', {}),
  ],
} as const;

describe('dependentsOf', () => {
  it.each<[string, Depended, string[]]>([
    ['a segment that others ask for', { kind: 'segment', id: 'buyers' }, [
      'segment lapsed where.all[0].segment',
      'segment lapsed-pro where.all[1].any[1].segment',
      'journey greeting entry[1].segment',
      'segment lapsed-pro where.all[1].any[0].segment by lapsed',
      'journey winning-back steps[0].branch.if.not.segment by lapsed-pro',
    ]],
    ['a segment that one asks for', { kind: 'segment', id: 'lapsed-pro' }, ['journey winning-back steps[0].branch.if.not.segment']],
    ['a computed trait', { kind: 'computed-trait', id: 'spent' }, [
      'segment spenders where.computed',
      'journey rewarding steps[0].branch.if.computed',
      'journey rewarding entry[0].segment by spenders',
    ]],
    ['a template', { kind: 'template', id: 'hi' }, ['journey greeting steps[0].message.push.template']],
    ['a segment of the name of a template', { kind: 'segment', id: 'hi' }, []],
  ])('%s', (_name, depended, expected) => {
    const found = dependentsOf(depended, mentioning).map(({ kind, id, place, through }) => [kind, id, place, ...(through.length > 0 ? ['by', ...through] : [])].join(' '));
    expect(found).toEqual(expected);
  });

  it('comes to an end where segments ask for each other', () => {
    const segments = [{ id: 'a', where: { segment: 'b' } }, { id: 'b', where: { segment: 'a' } }];
    expect(dependentsOf({ kind: 'segment', id: 'a' }, { segments, journeys: [] }).map(({ id }) => id)).toEqual(['b', 'a']);
  });
});
