import { describe, expect, it } from '@jest/globals';
import type { DefinitionRecord } from '@tidings/contracts';
import { Catalog } from './catalog.js';

const common = { v: 1, version: 1, status: 'published', publishedAt: '2026-01-01T00:00:00.000Z' } as const;
const workspace = (id: string): DefinitionRecord => ({
  ...common,
  workspace: id,
  kind: 'workspace',
  id,
  body: { id, consentModel: 'opt-out' },
});
const template = (id: string, version: number, over: Partial<DefinitionRecord> = {}): DefinitionRecord =>
  ({
    ...common,
    workspace: 'demo',
    kind: 'template',
    id,
    version,
    body: { id: 'welcome', push: { title: `v${version}`, body: 'b' } },
    ...over,
  }) as DefinitionRecord;
const key = (id: string, revokedAt: string | null): DefinitionRecord => ({
  ...common,
  workspace: 'demo',
  kind: 'key',
  id,
  body: {
    id,
    type: 'secret',
    name: 'n',
    hash: '0'.repeat(64),
    scopes: ['read'],
    createdAt: common.publishedAt,
    revokedAt,
  },
});

describe('the catalog', () => {
  const catalog = Catalog.of([
    workspace('demo'),
    workspace('other'),
    template('welcome', 2),
    template('welcome@1', 1),
    template('welcome@2', 2),
  ]);

  it('knows the workspaces and their settings', () => {
    expect(catalog.workspaces()).toEqual(['demo', 'other']);
    expect(catalog.workspace('demo')).toEqual({ id: 'demo', consentModel: 'opt-out' });
    expect(catalog.workspace('nowhere')).toBeUndefined();
  });

  it('gives the current definition, and the version that a run began with', () => {
    expect(catalog.find('template', 'demo', 'welcome')?.version).toBe(2);
    expect(catalog.find('template', 'demo', 'welcome', 1)?.version).toBe(1);
    expect(catalog.find('template', 'demo', 'welcome', 2)?.version).toBe(2);
    expect(catalog.find('template', 'demo', 'welcome', 3)).toBeUndefined();
    expect(catalog.find('template', 'other', 'welcome')).toBeUndefined();
  });

  it('lists current definitions only, and no archived ones, which are still found', () => {
    const some = Catalog.of([
      template('welcome', 2),
      template('welcome@1', 1),
      template('old', 1, { status: 'archived' }),
    ]);
    expect(some.all('template', 'demo').map(({ id }) => id)).toEqual(['welcome']);
    expect(some.all('journey', 'demo')).toEqual([]);
    expect(some.find('template', 'demo', 'old')?.status).toBe('archived');
  });

  it('forgets what is deleted', () => {
    const some = Catalog.of([template('welcome', 1), key('k'.repeat(12), null)]);
    some.remove('demo:template:welcome');
    some.remove(`demo:key:${'k'.repeat(12)}`);
    some.remove('never:heard:of-it');
    expect(some.all('template', 'demo')).toEqual([]);
    expect(some.key('k'.repeat(12))).toBeUndefined();
  });

  it('has a key until it is revoked', () => {
    const id = 'k'.repeat(12);
    const some = Catalog.of([key(id, null)]);
    expect(some.key(id)?.workspace).toBe('demo');
    some.put(key(id, '2026-02-01T00:00:00.000Z'));
    expect(some.key(id)).toBeUndefined();
  });

  it('derives once per workspace, and again only after a change in that workspace', () => {
    const some = Catalog.of([template('welcome', 1)]);
    const made: string[] = [];
    const titles = some.derived((from, id) => {
      made.push(id);
      return from.all('template', id).map(({ body }) => body.push?.title);
    });
    expect([titles('demo'), titles('demo'), titles('other')]).toEqual([['v1'], ['v1'], []]);
    some.put(template('welcome', 2));
    expect([titles('demo'), titles('other')]).toEqual([['v2'], []]);
    expect(made).toEqual(['demo', 'other', 'demo']);
  });

  it('counts changes', () => {
    const some = Catalog.of([]);
    const before = some.revision;
    some.put(template('welcome', 1));
    expect(some.revision).toBeGreaterThan(before);
  });
});
