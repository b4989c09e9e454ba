import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findProfiles } from './commands/find-profiles.js';
import { exportProfile } from './commands/profile-export.js';
import { showProfile } from './commands/profile.js';
import { terminalOfSpec } from './terminal.fixture.js';
import { CommandFailed } from './usage-error.js';

const addresses = [
  { kind: 'email', channel: 'email', address: 'ann@example.com' },
  { kind: 'email', channel: 'email', address: 'x'.repeat(5000) },
  { kind: 'phone', channel: 'sms', address: '+436601234567' },
  { kind: 'device', channel: 'push', address: 't1' },
  { kind: 'device', channel: 'push', address: 't1' },
  { kind: 'device', channel: 'push', address: null },
];
const profile = { id: 'ann', traits: { email: 'ann@example.com' }, segments: [], addresses, mergedIds: [{ id: 'anonymous:d1' }] };
const moment = { at: '2026-03-01T09:30:00.000Z', kind: 'segment.entered', segment: 'pros' };

/** Lists of two pages; what was asked for is kept. */
class Lists {
  readonly asked: string[] = [];

  get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    this.asked.push(`${path} ${query['profile'] ?? query['context'] ?? query['ended'] ?? ''}`.trim());
    if (path === '/api/v1/profiles/ann') return Promise.resolve(profile as T);
    const page = query['after'] === undefined ? { items: [{ path, id: 'one', page: 1 }], next: 'more' } : { items: [{ path, id: 'two', page: 2 }], next: null };
    return Promise.resolve(page as T);
  }

  send<T>(_method: string, path: string, body?: unknown): Promise<T> {
    this.asked.push(`${path} ${JSON.stringify(body)}`);
    const changes = path.includes('push') ? [] : [{ action: 'lifted', body }];
    return Promise.resolve({ suppressed: null, changes, softBounces: [] } as T);
  }

  list<T>(): Promise<T[]> {
    return Promise.resolve([moment] as T[]);
  }
}

describe('tidings profile', () => {
  const terminal = terminalOfSpec();

  it('show prints the profile and what happened to it', async () => {
    await showProfile(new Lists(), 'ann', {});
    expect(terminal.printed).toContain('"id": "ann"');
    expect(terminal.printed).toContain('2026-03-01T09:30:00.000Z  segment.entered     pros\n');
  });

  it('show prints one document where a machine reads', async () => {
    await showProfile(new Lists(), 'ann', { json: true });
    expect(JSON.parse(terminal.printed)).toEqual({ ...profile, timeline: [moment] });
  });

  it('find lists who is reached at an address, and by what else', async () => {
    const addresses = [{ kind: 'email', validity: 'valid' }, { kind: 'phone', validity: 'invalid' }]; // prettier-ignore
    const asked: unknown[] = [];
    const list = <T>(...question: unknown[]): Promise<T[]> => {
      asked.push(question);
      return Promise.resolve([{ id: 'ann', createdAt: '2026-03-01', addresses }, { id: 'bob', createdAt: '2026-03-02', addresses: [] }] as T[]); // prettier-ignore
    };
    await findProfiles({ list }, { phone: '0660 1234567', country: 'AT', limit: 7 });
    expect(asked).toEqual([['/api/v1/profiles', { phone: '0660 1234567', country: 'AT' }, 7]]);
    expect(terminal.printed).toBe('id   createdAt   reached\nann  2026-03-01  email, phone (invalid)\nbob  2026-03-02  -\n');
    await expect(findProfiles({ list }, { country: 'AT', limit: 7 })).rejects.toThrow('say what to find');
  });

  it('export writes every page of every part into one document that only its owner may read', async () => {
    const file = join(terminal.folder, 'ann.json');
    const api = new Lists();
    await exportProfile(api, 'ann', file, { now: new Date('2026-03-01T09:30:00.000Z') });
    const archive = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown[]>;
    expect(archive).toMatchObject({ format: 'tidings.profile-export.v1', exportedAt: '2026-03-01T09:30:00.000Z', profile });
    const counts = Object.entries(archive).flatMap(([name, part]) => (Array.isArray(part) ? [[name, part.length]] : []));
    expect(Object.fromEntries(counts)).toEqual({ events: 2, runs: 2, messages: 2, deliveries: 8, timeline: 2, sandboxMessages: 4, suppressions: 1, deadLetters: 2 });
    expect(api.asked).toEqual(expect.arrayContaining(['/api/v1/profiles/ann/events true', '/api/v1/profiles/ann/runs true', '/api/v1/sandbox/messages anonymous:d1', '/api/v1/deliveries/push/anonymous%3Ad1', '/api/v1/dead-letters anonymous:d1']));
    expect(api.asked.filter((path) => path.includes('record'))).toEqual(['/api/v1/suppressions/push/record {"address":"t1"}', '/api/v1/suppressions/email/record {"address":"ann@example.com"}']);
    expect(archive).toMatchObject({ deliveries: expect.arrayContaining([expect.objectContaining({ channel: 'email' })]), suppressions: [{ channel: 'email', address: 'ann@example.com' }] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(terminal.printed).toContain('2 events, 2 runs');
  });

  it('export ends with the refusal, not with half an archive taken for whole', async () => {
    const file = join(terminal.folder, 'ann.json');
    const api = new Lists();
    const refusing = { get: api.get.bind(api), send: <T>(): Promise<T> => Promise.reject(new CommandFailed('The key has not the scope "admin".', 403)) };
    await expect(exportProfile(refusing, 'ann', file, {})).rejects.toThrow('scope "admin"');
    expect(() => JSON.parse(readFileSync(file, 'utf8')) as unknown).toThrow();
  });
});
