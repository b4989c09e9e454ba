import type { Account } from './accounts.js';
import type { Attempt } from './attempt.js';

/** The accounts that a workspace sends with on a channel, the preferred one first; there is always one. */
export type Route<Content> = readonly [Account<Content>, ...Account<Content>[]];

/** What an account can take now. */
export interface Capacity {
  readonly closedForMs: number;
  /** Calls that it may be given at once; few while it recovers. */
  readonly room: number;
}

/**
 * Which account takes each group of messages, by their indexes: the first that is open and has room. An account that recovers
 * is given no more than it may try, as long as another is open; while all are closed, the one that opens first is waited for.
 */
export function assign(groupSizes: readonly number[], capacities: readonly Capacity[]): readonly number[] {
  const open = capacities.flatMap(({ closedForMs }, index) => (closedForMs === 0 ? [index] : []));
  if (open.length === 0) return groupSizes.map(() => firstToOpen(capacities));
  const left = capacities.map(({ room }) => room);
  return groupSizes.map((size) => {
    const taker = open.find((index) => (left[index] ?? 0) > 0) ?? open[0] ?? 0;
    left[taker] = (left[taker] ?? 0) - size;
    return taker;
  });
}

const firstToOpen = (capacities: readonly Capacity[]): number => {
  const soonest = Math.min(...capacities.map(({ closedForMs }) => closedForMs));
  return capacities.findIndex(({ closedForMs }) => closedForMs === soonest);
};

/** How long until one of the accounts takes calls; 0 while one does. */
export const opensInMs = <Content>(accounts: readonly Account<Content>[]): number => Math.min(...accounts.map(({ gate }) => gate.closedForMs()));

/** The attempts by the account that makes them. A profile's messages stay together, so that they go in order. */
export function spread<Content>(attempts: readonly Attempt[], route: Route<Content>): ReadonlyMap<Account<Content>, readonly Attempt[]> {
  if (route.length === 1) return new Map([[route[0], attempts]]);
  const groups = [...Map.groupBy(attempts, ({ send: { request } }) => request.profileId).values()];
  const capacities = route.map(({ gate }) => ({ closedForMs: gate.closedForMs(), room: gate.room() }));
  const takers = assign(groups.map(({ length }) => length), capacities);
  const taken = Map.groupBy(groups, (_group, index) => route[takers[index] ?? 0] ?? route[0]);
  return new Map([...taken].map(([account, theirs]) => [account, theirs.flat()]));
}
