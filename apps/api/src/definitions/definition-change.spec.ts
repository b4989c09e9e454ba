import { describe, expect, it } from '@jest/globals';
import { planChanges, recordsOf, type Head } from './definition-change.js';

const body = { id: 'hello', steps: [{ id: 'a', delay: '1h' }] };
const head: Head = { kind: 'journey', id: 'hello', version: 3, status: 'published', body, takenAt: null };

describe('planChanges', () => {
  it.each<[string, Head[], unknown, { change: string; version: number }]>([
    ['a definition that is new is version 1', [], body, { change: 'created', version: 1 }],
    ['the same in another order of fields is no change', [head], { steps: [{ delay: '1h', id: 'a' }], id: 'hello' }, { change: 'unchanged', version: 3 }],
    ['another delay is the next version', [head], { ...body, steps: [{ id: 'a', delay: '2h' }] }, { change: 'updated', version: 4 }],
    ['an archived definition comes back as the next version', [{ ...head, status: 'archived' }], body, { change: 'updated', version: 4 }],
  ])('%s', (_sentence, heads, wanted, expected) => {
    expect(planChanges(heads, [{ kind: 'journey', id: 'hello', body: wanted }])).toMatchObject([expected]);
  });
});

describe('a snapshot', () => {
  const where = { performed: 'Ordered' };
  const takenAt = new Date('2026-03-02T12:00:00Z');
  const taken: Head = { kind: 'segment', id: 'them', version: 2, status: 'published', body: { id: 'them', where, snapshot: true }, takenAt };

  it.each<[string, Head[], object, Date | null | undefined]>([
    ['is taken when it is new', [], { where, snapshot: true }, null],
    ['stays when nothing changed', [taken], { where, snapshot: true }, takenAt],
    ['stays with another name', [taken], { where, snapshot: true, name: 'Them' }, takenAt],
    ['is taken anew when it asks something else', [taken], { where: { performed: 'Seen' }, snapshot: true }, null],
    ['is taken when the segment was none', [{ ...taken, body: { id: 'them', where }, takenAt: null }], { where, snapshot: true }, null],
    ['is taken anew when it was archived', [{ ...taken, status: 'archived' }], { where, snapshot: true }, null],
    ['is none any more without the word', [taken], { where }, undefined],
  ])('%s', (_sentence, heads, wanted, expected) => {
    const [change] = planChanges(heads, [{ kind: 'segment', id: 'them', body: { id: 'them', ...wanted } }]);
    expect(change?.takenAt).toEqual(expected);
  });

  it('has its moment on the topic', () => {
    const at = new Date('2026-03-05T12:00:00Z');
    expect(recordsOf('demo', taken, at)).toMatchObject([{ publishedAt: at.toISOString(), takenAt: takenAt.toISOString() }]);
    expect(recordsOf('demo', head, at)[0]).not.toHaveProperty('takenAt');
  });
});

describe('recordsOf', () => {
  it('keeps each version of a journey for the runs that began on it', () => {
    const at = new Date('2026-03-02T12:00:00Z');
    expect(recordsOf('demo', head, at).map(({ id, version }) => `${id} ${version}`)).toEqual(['hello@3 3', 'hello 3']);
    expect(recordsOf('demo', { ...head, status: 'archived' }, at).map(({ status }) => status)).toEqual(['published', 'archived']);
  });
});
