import { describe, expect, it } from '@jest/globals';
import { archiveDefinition, listDependents, listVersions } from './commands/definitions.js';
import { listMembers } from './commands/segments.js';
import { terminalOfSpec } from './terminal.fixture.js';

const lapsed = { kind: 'segment', id: 'lapsed', place: 'where.not.segment', through: [] };
const hello = { kind: 'journey', id: 'hello', place: 'entry[0].segment', through: ['lapsed'] };

/** Answers every question with the same, and writes down what was asked for. */
class Answering {
  readonly asked: string[] = [];

  constructor(private readonly answer: object) {}

  get<T>(path: string): Promise<T> {
    this.asked.push(`GET ${path}`);
    return Promise.resolve(this.answer as T);
  }

  list<T>(path: string): Promise<T[]> {
    this.asked.push(`GET ${path}`);
    return Promise.resolve([{ profileId: 'ann' }, { profileId: 'bob' }] as T[]);
  }

  send<T>(method: string, path: string): Promise<T> {
    this.asked.push(`${method} ${path}`);
    return Promise.resolve(null as T);
  }
}

describe('tidings definitions', () => {
  const terminal = terminalOfSpec();

  it('names what depends on one', async () => {
    await listDependents(new Answering({ items: [lapsed, hello] }), 'segment', 'buyers', {});
    expect(terminal.printed).toBe('segment lapsed (where.not.segment)\njourney hello (entry[0].segment, by lapsed)\n');
  });

  it('archives what nobody asks for, and the rest only when that is wanted', async () => {
    const alone = new Answering({ items: [] });
    await archiveDefinition(alone, 'segment', 'buyers', {});
    expect(alone.asked).toEqual(['GET /api/v1/definitions/segment/buyers/dependents', 'DELETE /api/v1/definitions/segment/buyers']);
    const asked = new Answering({ items: [lapsed] });
    await expect(archiveDefinition(asked, 'segment', 'buyers', {})).rejects.toThrow('segment buyers is asked for by\n  segment lapsed (where.not.segment)\nchange these first, or archive it with --anyway');
    expect(asked.asked).toHaveLength(1);
    await archiveDefinition(asked, 'segment', 'buyers', { anyway: true });
    expect(asked.asked).toContain('DELETE /api/v1/definitions/segment/buyers');
    expect(terminal.printed).toBe('archived segment buyers\narchived segment buyers\n');
  });

  it('lists versions with the moment of a snapshot', async () => {
    const version = { kind: 'segment', id: 'them', version: 2, status: 'published', publishedAt: '2026-03-02', publishedBy: 'key', takenAt: '2026-03-01', body: {} };
    await listVersions(new Answering({ items: [version] }), 'segment', 'them', {});
    expect(terminal.printed).toContain('segment  them  2        published  2026-03-02   key          2026-03-01\n');
  });
});

describe('tidings segments members', () => {
  const terminal = terminalOfSpec();

  it.each<[string, object, string]>([
    ['how many there are', { count: 1200 }, '1,200 members\nann\nbob\n'],
    ['as of when, of a snapshot', { count: 2, takenAt: '2026-03-01T09:30:00.000Z' }, '2 members, as of 2026-03-01T09:30:00.000Z\nann\nbob\n'],
  ])('says %s, and who', async (_, answer, expected) => {
    await listMembers(new Answering(answer), 'them', { limit: 50 });
    expect(terminal.printed).toBe(expected);
  });
});
