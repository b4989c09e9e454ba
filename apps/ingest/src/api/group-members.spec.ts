import { beforeEach, describe, expect, it } from '@jest/globals';
import { events } from '@tidings/contracts';
import { appOfSpec, keys } from '../app.fixture.js';

const app = appOfSpec({ definitions: [] });
const { publisher } = app;
beforeEach(() => publisher.clear());

async function leave(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${app.url}/api/v1/groups/${path}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${keys.secret.text}`, ...headers },
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

describe('DELETE /api/v1/groups/:id/members/:profileId', () => {
  it('is an event that says so, with an id of the caller', async () => {
    const answer = await leave('acme%20inc/members/ann', { 'idempotency-key': 'try-1' });
    expect(answer).toEqual({ status: 202, json: { groupId: 'acme inc', profileId: 'ann', messageId: 'try-1' } });
    expect(publisher.published(events)).toMatchObject([
      {
        workspace: 'demo',
        type: 'group',
        profileId: 'ann',
        userId: 'ann',
        messageId: 'try-1',
        properties: { groupId: 'acme inc', left: true },
        traits: {},
        source: 'api',
      },
    ]);
  });

  it('may be of somebody whose user id is not known', async () => {
    await leave('acme/members/anonymous:web');
    expect(publisher.published(events)).toMatchObject([{ profileId: 'anonymous:web', userId: null, anonymousId: 'web' }]);
  });

  it.each<[string, string, Record<string, string>, number]>([
    ['nobody', 'acme/members/anonymous:', {}, 422],
    ['an id that is too long', `${'x'.repeat(256)}/members/ann`, {}, 422],
    ['an id with a NUL', 'acme%00/members/ann', {}, 400],
    ['a key that is none', 'acme/members/ann', { 'idempotency-key': 'x'.repeat(256) }, 400],
    ['nobody who may', 'acme/members/ann', { authorization: 'Bearer nobody' }, 401],
  ])('refuses %s', async (_, path, headers, status) => {
    expect((await leave(path, headers)).status).toBe(status);
    expect(publisher.published(events)).toEqual([]);
  });
});
