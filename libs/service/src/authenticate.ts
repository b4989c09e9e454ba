import { timingSafeEqual } from 'node:crypto';
import type { Scope } from '@tidings/contracts';
import { hashKey, parseKey } from './api-key.js';
import type { Catalog, CatalogKey } from './catalog.js';

/** Who calls: a key in force, and what it may do in its workspace. */
export interface Caller {
  readonly workspace: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
}

interface Verified {
  revision: number;
  readonly callers: Map<string, Caller>;
}

const cacheSize = 10_000;
const verified = new WeakMap<Catalog, Verified>();

/** The caller whose key this is; null when it is no key, is not in force, or is not the one that was given out. */
export function authenticateKey(text: string, catalog: Catalog): Caller | null {
  const parsed = parseKey(text);
  const held = parsed === null ? undefined : catalog.key(parsed.keyId);
  if (parsed === null || held === undefined || held.key.type !== parsed.type) return null;
  const same = timingSafeEqual(Buffer.from(hashKey(text)), Buffer.from(held.key.hash));
  return same ? callerOf(held) : null;
}

/** The caller of `Authorization: Basic`, whose user name is a key, as Segment's libraries send it. */
export function authenticateBasic(header: string | undefined, catalog: Catalog): Caller | null {
  return remembered(header, catalog, () => {
    const match = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '');
    const user =
      Buffer.from(match?.[1] ?? '', 'base64')
        .toString()
        .split(':', 1)[0] ?? '';
    return authenticateKey(user, catalog);
  });
}

/** The caller of `Authorization: Bearer`, whose token is a key. */
export function authenticateBearer(header: string | undefined, catalog: Catalog): Caller | null {
  return remembered(header, catalog, () => authenticateKey(/^bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? '', catalog));
}

/** A write key only ever sends events, whatever scopes it was stored with: it may be public. */
function callerOf({ workspace, key }: CatalogKey): Caller {
  return { workspace, keyId: key.id, scopes: key.type === 'write' ? ['ingest'] : key.scopes };
}

/** Remembers who was verified until any definition changes; refusals are not remembered, so nobody can fill the memory. */
function remembered(header: string | undefined, catalog: Catalog, verify: () => Caller | null): Caller | null {
  if (header === undefined || header.length > 512) return null;
  const { callers } = freshCache(catalog);
  const known = callers.get(header);
  if (known !== undefined) return known;
  const caller = verify();
  if (caller === null) return null;
  if (callers.size >= cacheSize) callers.clear();
  callers.set(header, caller);
  return caller;
}

function freshCache(catalog: Catalog): Verified {
  let cache = verified.get(catalog);
  if (cache === undefined || cache.revision !== catalog.revision) {
    cache = { revision: catalog.revision, callers: new Map() };
    verified.set(catalog, cache);
  }
  return cache;
}
