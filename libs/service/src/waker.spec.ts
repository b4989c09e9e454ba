import { describe, expect, it } from '@jest/globals';
import { InfrastructureError, type BehindPartition, type Due } from '@tidings/bus';
import { DefinitionUnknown } from './definition-unknown.js';
import type { PollWork } from './poller.js';
import { Waker, type Sleepers, type Woken } from './waker.js';

interface Ref {
  readonly workspace: string;
  readonly id: string;
}

/** Sleepers in memory; what `faults` says of one is thrown when it is taken on. */
class Beds implements Sleepers<Ref> {
  readonly log: string[] = [];
  readonly faults = new Map<string, Error>();
  readonly asleep = new Map<string, number>();

  constructor(asleep: Readonly<Record<string, number>> = {}) {
    for (const [id, at] of Object.entries(asleep)) this.asleep.set(id, at);
  }

  async wakeDue({ now }: Due, limit: number, woken: Woken<Ref>[]): Promise<void> {
    const due = [...this.asleep].filter(([, at]) => at <= now.getTime()).toSorted(([, a], [, b]) => a - b);
    this.take(due.slice(0, limit), woken);
  }

  async wakeOne({ id }: Ref, _due: Due, woken: Woken<Ref>[]): Promise<void> {
    this.take([[id, this.asleep.get(id) ?? NaN]], woken);
  }

  async postpone({ id }: Ref, until: Date): Promise<void> {
    this.log.push(`${id} until ${until.getTime()}`);
    this.asleep.set(id, until.getTime());
  }

  async nextAfter(now: Date): Promise<number | null> {
    const ahead = [...this.asleep.values()].filter((at) => at > now.getTime());
    return ahead.length === 0 ? null : Math.min(...ahead);
  }

  private take(due: readonly (readonly [string, number])[], woken: Woken<Ref>[]): void {
    woken.push(...due.map(([id, dueAt]) => ({ ref: { workspace: 'demo', id }, dueAt })));
    for (const [id] of due) {
      const fault = this.faults.get(id);
      if (fault !== undefined) throw fault;
    }
    for (const [id] of due) this.asleep.delete(id);
    if (due.length > 0) this.log.push(due.map(([id]) => id).join(' '));
  }
}

const wakerOf = (beds: Beds, behind: readonly BehindPartition[] | null = []) => new Waker('spec', beds, { behind: () => behind });
const at = (ms: number) => new Date(ms);
const unknown = new DefinitionUnknown('journey', 'demo', 'welcome', 2);

describe('a round', () => {
  it('wakes those whose time has come, and tells whether there may be more', async () => {
    const beds = new Beds({ ann: 10, bob: 5, cid: 30 });
    const waker = wakerOf(beds);
    expect(await waker.round(at(20), 1)).toBe(true);
    expect(await waker.round(at(20), 2)).toBe(false);
    expect(beds.log).toEqual(['bob', 'ann']);
  });

  it('wakes nobody while it is not known what was heard', async () => {
    const beds = new Beds({ ann: 10 });
    expect(await wakerOf(beds, null).round(at(20))).toBe(false);
    expect(beds.log).toEqual([]);
  });

  it.each<[string, Error, number]>([
    ['fails', new Error('a bug'), 300_020],
    ['needs a version that nobody here has heard of', unknown, 2_020],
  ])('puts off who %s, and wakes the others', async (_, fault, until) => {
    const beds = new Beds({ ann: 1, bob: 2, cid: 3 });
    beds.faults.set('bob', fault);
    await wakerOf(beds).round(at(20));
    expect(beds.log).toEqual(['ann', `bob until ${until}`, 'cid']);
  });

  it('fails when it would meet everybody alike, and puts nobody off', async () => {
    const beds = new Beds({ ann: 1, bob: 2 });
    beds.faults.set('ann', new InfrastructureError('Postgres is away'));
    await expect(wakerOf(beds).round(at(20))).rejects.toThrow(InfrastructureError);
    expect([...beds.asleep]).toEqual([['ann', 1], ['bob', 2]]);
  });
});

describe('the turns of a clock', () => {
  it.each<[string, Beds, readonly BehindPartition[] | null, number]>([
    ['at once where more may be due', new Beds({ ann: 1, bob: 2, cid: 3 }), [], 0],
    ['soon where some were', new Beds({ ann: 1 }), [], 50],
    ['after the longest rest where nobody sleeps', new Beds(), [], 200],
    ['after the longest rest where nothing is known', new Beds({ ann: 1 }), null, 200],
    ['after the longest rest where some who are due must wait', new Beds({ ann: 1 }), [{ partition: 0, until: 0 }], 200],
  ])('follow %s', async (_, beds, behind, rest) => {
    expect(await wakerOf(beds, behind).turn(at(20), 2)).toBe(rest);
  });

  it('follow at the next moment that somebody sleeps until', async () => {
    const now = Date.now();
    const rest = await wakerOf(new Beds({ ann: now + 120, bob: now + 3_600_000 })).turn(at(now));
    expect(rest).toBeGreaterThanOrEqual(50);
    expect(rest).toBeLessThanOrEqual(120);
  });

  it('follow as soon as their scheduler wants them to', async () => {
    expect(await new Waker('spec', new Beds({ ann: 1 }), { behind: () => [] }, 150).turn(at(20))).toBe(150);
  });

  it('are those of a poller', async () => {
    const registered: [string, number, PollWork][] = [];
    const beds = new Beds({ ann: 1 });
    wakerOf(beds).runBy({ register: (...poller) => registered.push(poller) });
    const [poller] = registered;
    expect(poller?.slice(0, 2)).toEqual(['wakes of spec', 200]);
    expect(await poller?.[2](new AbortController().signal)).toBe(50);
    expect(beds.log).toEqual(['ann']);
  });
});
