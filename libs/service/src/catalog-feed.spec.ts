import { describe, expect, it } from '@jest/globals';
import type { DefinitionRecord } from '@tidings/contracts';
import { Catalog } from './catalog.js';
import { takeOver } from './catalog-feed.js';

const record: DefinitionRecord = {
  v: 1,
  workspace: 'demo',
  kind: 'workspace',
  id: 'demo',
  version: 1,
  status: 'published',
  publishedAt: '2026-01-01T00:00:00.000Z',
  body: { id: 'demo', consentModel: 'opt-in' },
};

describe('what is read from the definitions topic', () => {
  it('is put into the catalog, and taken out by a tombstone', () => {
    const catalog = new Catalog();
    takeOver(catalog, { key: 'demo:workspace:demo', value: record, offset: 1 });
    expect(catalog.workspaces()).toEqual(['demo']);
    takeOver(catalog, { key: 'demo:workspace:demo', value: null, offset: 2 });
    expect(catalog.workspaces()).toEqual([]);
  });

  it('is left out where it lies under no key, or under one that a tombstone for it would not have', () => {
    const catalog = new Catalog();
    takeOver(catalog, { key: null, value: record, offset: 1 });
    takeOver(catalog, { key: 'other:workspace:demo', value: record, offset: 2 });
    expect(catalog.revision).toBe(0);
  });
});
