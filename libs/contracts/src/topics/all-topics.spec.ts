import { describe, expect, it } from '@jest/globals';
import { channels, lanes } from '../channel.js';
import { allTopics } from './all-topics.js';
import { definitions } from './definition-record.js';
import { events } from './accepted-event.js';

describe('topics', () => {
  it('have each a name of its own', () => {
    expect(new Set(allTopics.map(({ name }) => name)).size).toBe(allTopics.length);
  });

  it('exist for every channel and lane, so that bulk never stands before the urgent', () => {
    const names = allTopics.map(({ name }) => name);
    const wanted = channels.flatMap((channel) => lanes.map((lane) => `sends.${channel}.${lane}`));
    expect(names).toEqual(expect.arrayContaining(wanted));
  });

  it.each([
    'inbound',
    'events',
    'profile-activity',
    'sends.push.bulk',
    'sends.email.transactional',
    'sandbox-messages',
    'dead-letters',
    'erasures',
  ])('%s, which carries personal data, forgets within 28 days', (name) => {
    const topic = allTopics.find((one) => one.name === name);
    expect([topic?.cleanup, (topic?.retentionDays ?? 99) <= 28]).toEqual(['delete', true]);
  });

  it('keep the last word on each definition', () => {
    expect(definitions.cleanup).toBe('compact');
    expect(
      definitions.key({ workspace: 'demo', kind: 'journey', id: 'welcome@3' } as Parameters<typeof definitions.key>[0]),
    ).toBe('demo:journey:welcome@3');
  });

  it('order what happens to one person', () => {
    expect(events.key({ workspace: 'demo', profileId: 'user-1' } as Parameters<typeof events.key>[0])).toBe(
      'demo:user-1',
    );
  });
});
