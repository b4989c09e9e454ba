import { expect, it } from '@jest/globals';
import { readExample } from './story.fixture.js';

it('examples share no id: whoever applies one after the other keeps both', async () => {
  const [shop, learning] = await Promise.all([readExample('shop'), readExample('learning')]);
  for (const kind of ['segments', 'computedTraits', 'journeys', 'templates', 'sources'] as const) {
    const ids = new Set(shop[kind].map(({ id }) => id));
    expect(learning[kind].filter(({ id }) => ids.has(id))).toEqual([]);
  }
});
