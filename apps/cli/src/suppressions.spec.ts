import { describe, expect, it } from '@jest/globals';
import { listGroups, showGroup } from './commands/groups.js';
import { addSuppression, liftSuppression, listSuppressions, showSuppression } from './commands/suppressions.js';
import { program } from './program.js';
import { terminalOfSpec } from './terminal.fixture.js';
import { CommandFailed } from './usage-error.js';

const suppressed = { id: 'hash-1', reason: 'manual', at: '2026-03-01T09:30:00.000Z', actor: 'key-1', note: null };
const change = { action: 'suppressed', reason: 'manual', at: '2026-03-01T09:30:00.000Z', actor: 'key-1', note: 'asked by phone' };
const group = { id: 'acme', version: 2, traits: { plan: 'pro' }, createdAt: '2026-02-01T00:00:00.000Z' };

/** Answers as it is told to by method and path, and writes down what was asked for; what it was not told of is not there. */
class Answering {
  readonly asked: unknown[] = [];

  constructor(private readonly answers: Readonly<Record<string, unknown>>) {}

  get = <T>(path: string): Promise<T> => this.answer(`GET ${path}`);
  send = <T>(method: string, path: string, body?: unknown): Promise<T> => this.answer(`${method} ${path}`, body);
  list = <T>(path: string, _query: object, limit: number): Promise<T[]> => this.answer(`GET ${path}`, limit);

  private answer<T>(question: string, body?: unknown): Promise<T> {
    this.asked.push(body === undefined ? question : [question, body]);
    return question in this.answers ? Promise.resolve(this.answers[question] as T) : Promise.reject(new CommandFailed('this is not there', 404));
  }
}

const email = '/api/v1/suppressions/email';
const address = 'ann@example.com';

describe('tidings suppressions', () => {
  const terminal = terminalOfSpec();

  it('lists them by their ids', async () => {
    await listSuppressions(new Answering({ [`GET ${email}`]: [suppressed] }), 'email', { limit: 50 });
    expect(terminal.printed).toBe('id      reason  at                        actor  note\nhash-1  manual  2026-03-01T09:30:00.000Z  key-1  -\n');
  });

  it('adds one, with why', async () => {
    const api = new Answering({ [`POST ${email}`]: suppressed });
    await addSuppression(api, 'email', address, { reason: 'complaint', note: 'by phone' });
    expect(api.asked).toEqual([[`POST ${email}`, { address, reason: 'complaint', note: 'by phone' }]]);
    expect(terminal.printed).toBe('suppressed as hash-1: manual at 2026-03-01T09:30:00.000Z by key-1\n');
  });

  it.each([
    ['an address', address, {}, [[`POST ${email}/lookup`, { address }], `GET ${email}/hash-1/history`]],
    ['an id', undefined, { id: 'hash-1' }, [`GET ${email}/hash-1/history`]],
  ])('shows what became of %s', async (_, named, meant, asked) => {
    const api = new Answering({ [`POST ${email}/lookup`]: suppressed, [`GET ${email}/hash-1/history`]: { items: [change], next: null } });
    await showSuppression(api, 'email', named, { ...meant, json: true });
    expect(JSON.parse(terminal.printed)).toEqual({ id: 'hash-1', history: [change] });
    expect(api.asked).toEqual(asked);
  });

  it('lifts one, with why', async () => {
    const api = new Answering({ [`POST ${email}/lookup`]: suppressed, [`DELETE ${email}/hash-1`]: null });
    await liftSuppression(api, 'email', address, { note: 'a mistake' });
    expect(api.asked[1]).toEqual([`DELETE ${email}/hash-1`, { note: 'a mistake' }]);
    await liftSuppression(api, 'email', undefined, { id: 'hash-1' });
    expect(api.asked[2]).toBe(`DELETE ${email}/hash-1`);
    expect(terminal.printed).toContain('lifted hash-1: it is sent to again\n');
  });

  it('says where to look when there is none', async () => {
    const hint = 'this is not there; tidings suppressions list email shows which are';
    await expect(showSuppression(new Answering({}), 'email', address, {})).rejects.toThrow(hint);
    await expect(liftSuppression(new Answering({}), 'email', undefined, { id: 'none' })).rejects.toThrow(hint);
  });

  it.each([
    ['a channel that has none', ['suppressions', 'list', 'sms'], /Allowed choices are push, email/],
    ['a reason that is none', ['suppressions', 'add', 'email', address, '--reason', 'spite'], /Allowed choices are hard_bounce/],
    ['an address and an id', ['suppressions', 'show', 'email', address, '--id', 'hash-1'], /an address or --id, not both/],
  ])('refuses %s', async (_, typed, message) => {
    const asked = program();
    for (const command of [asked, ...asked.commands.flatMap((each) => [each, ...each.commands])]) command.configureOutput({ writeErr: () => undefined });
    await expect(asked.parseAsync(['node', 'tidings', '--url', 'http://127.0.0.1:1', '--key', 'none', ...typed])).rejects.toThrow(message);
  });
});

describe('tidings groups', () => {
  const terminal = terminalOfSpec();

  it('lists them', async () => {
    await listGroups(new Answering({ 'GET /api/v1/groups': [group] }), { limit: 50 });
    expect(terminal.printed).toContain('acme  2026-02-01T00:00:00.000Z  2        {"plan":"pro"}\n');
  });

  it('shows one with those who belong to it', async () => {
    const people = [{ profileId: 'ann', since: '2026-02-02T00:00:00.000Z' }];
    const api = new Answering({ 'GET /api/v1/groups/acme': { ...group, members: 3 }, 'GET /api/v1/groups/acme/members': people });
    await showGroup(api, 'acme', { limit: 1, json: true });
    expect(JSON.parse(terminal.printed)).toEqual({ ...group, members: 3, people });
    await showGroup(api, 'acme', { limit: 1 });
    expect(terminal.printed).toContain('  plan: "pro"\n3 belong to it, of whom 1 are shown (--limit)\n');
  });

  it('says where to look when there is none', async () => {
    await expect(showGroup(new Answering({}), 'none', { limit: 1 })).rejects.toThrow('tidings groups list shows which there are');
  });
});
