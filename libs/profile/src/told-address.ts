import type { EventContext, WebPushKeys } from '@tidings/contracts';

/**
 * A subscription to web push, or an id in a chat, as calls told of it. It is there when it was last seen after it was last removed; of
 * one that is gone only these times are kept, so that a late call does not bring it back.
 */
export interface ToldAddress {
  readonly kind: 'web-push' | 'chat';
  /** The endpoint of a subscription; `<kind>:<id>` of a chat. */
  readonly address: string;
  /** When it was first and last seen, and last removed, in ms; null when it never was. */
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
  readonly removed: number | null;
  /** Of a subscription that is there. */
  readonly keys?: WebPushKeys;
  readonly expiresAt?: string;
}

/** Addresses of one person that are there; beyond it the one that was not seen for longest goes. */
const MAX_THERE = 32;
/** Addresses that were removed and are remembered. */
const MAX_REMOVED = 32;

/** Whether somebody can still be reached there; who removes it at the very moment when it was seen wants it gone. */
export const isThere = ({ lastSeen, removed }: ToldAddress): boolean =>
  lastSeen !== null && (removed === null || lastSeen > removed);

/** What a call at `at` tells of such addresses. */
export function toldBy({ webPush, chat }: EventContext, at: number): readonly ToldAddress[] {
  const told: ToldAddress[] = [];
  if (webPush !== undefined) {
    const { endpoint: address, keys, expiresAt } = webPush;
    const rest = { ...(keys && { keys }), ...(expiresAt !== undefined && { expiresAt }) };
    told.push({ kind: 'web-push', address, ...seenOrRemoved(webPush, at), ...rest });
  }
  if (chat !== undefined) told.push({ kind: 'chat', address: `${chat.kind}:${chat.id}`, ...seenOrRemoved(chat, at) });
  return told;
}

const seenOrRemoved = ({ removed = false }: { readonly removed?: boolean }, at: number) =>
  removed ? { firstSeen: null, lastSeen: null, removed: at } : { firstSeen: at, lastSeen: at, removed: null };

/** All of both, each address once; what is told of one by both is put together, whichever came first. The same list when it is no news. */
export function joinTold(
  known: readonly ToldAddress[],
  told: readonly ToldAddress[],
): { readonly addresses: readonly ToldAddress[]; readonly full: boolean } {
  if (told.length === 0) return { addresses: known, full: false };
  const all = new Map(known.map((each) => [keyOf(each), each]));
  for (const each of told) {
    const before = all.get(keyOf(each));
    all.set(keyOf(each), withoutSecrets(before === undefined ? each : joined(before, each)));
  }
  const there = [...all.values()].filter(isThere);
  const gone = [...all.values()].filter((each) => !isThere(each));
  const addresses = [...latest(there, MAX_THERE, 'lastSeen'), ...latest(gone, MAX_REMOVED, 'removed')];
  return { addresses, full: there.length > MAX_THERE };
}

/** What the later call said; of two at the same moment the one that came later. */
function joined(before: ToldAddress, news: ToldAddress): ToldAddress {
  const [earlier, later] = (news.lastSeen ?? -Infinity) >= (before.lastSeen ?? -Infinity) ? [before, news] : [news, before];
  return {
    ...later,
    firstSeen: ofBoth(Math.min, earlier.firstSeen, later.firstSeen),
    lastSeen: later.lastSeen,
    removed: ofBoth(Math.max, earlier.removed, later.removed),
  };
}

const ofBoth = (choose: (a: number, b: number) => number, a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : choose(a, b);

function withoutSecrets(told: ToldAddress): ToldAddress {
  if (isThere(told)) return told;
  const { keys: _keys, expiresAt: _expiresAt, ...rest } = told;
  return rest;
}

const latest = (list: readonly ToldAddress[], most: number, by: 'lastSeen' | 'removed'): readonly ToldAddress[] =>
  list.length <= most ? list : list.toSorted((a, b) => (b[by] ?? 0) - (a[by] ?? 0)).slice(0, most);

const keyOf = ({ kind, address }: ToldAddress): string => `${kind} ${address}`;
