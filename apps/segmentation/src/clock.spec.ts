import { beforeEach, describe, expect, it } from '@jest/globals';
import { at, benchOfSpec, did, HOUR, MINUTE, segmentOf } from './bench.fixture.js';

const bench = benchOfSpec();
beforeEach(() => bench.reset(segmentOf('regulars', { performed: 'Ordered', atLeast: 2, withinLast: '1h' })));

describe('the clock', () => {
  it('lets no time pass before what was said until then is heard', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    bench.broker.clear();
    for (const behind of [null, [{ partition: 0, until: at(59 * MINUTE).getTime() }]]) {
      bench.backlog.partitions = behind;
      await bench.pass(3 * HOUR);
    }
    expect(bench.lines()).toEqual([]);
  });

  it('goes on where everything was heard, whoever else is behind', async () => {
    await bench.hear(did('Ordered'), did('Ordered'));
    bench.broker.clear();
    bench.backlog.partitions = [
      { partition: 0, until: at(60 * MINUTE).getTime() },
      { partition: 7, until: -Infinity },
    ];
    await bench.pass(3 * HOUR);
    expect(bench.lines()).toEqual(['clock 60 -regulars']);
  });

  it('knows the next moment at which somebody must be looked at', async () => {
    const { clock } = bench.replica();
    expect(await clock.nextAfter(at(0))).toBeNull();
    await bench.hear(did('Ordered'), did('Ordered'), did('Ordered', MINUTE), did('Ordered', MINUTE, { profileId: 'bob', userId: 'bob' }));
    expect(await clock.nextAfter(at(2 * MINUTE))).toBe(at(60 * MINUTE).getTime());
    expect(await clock.nextAfter(at(61 * MINUTE))).toBeNull();
  });
});
