/** The latest word about a list: when, in ms, and whether it was that the profile is on it. */
export interface Listed {
  readonly listedAt: number;
  readonly listed: boolean;
  /** Time alone changes nothing about it. */
  readonly flipsAt: null;
}

/** The latest word after another one. Of two at the same moment, the one that puts the profile on the list holds. */
export function listed(before: Listed | undefined, isListed: unknown, at: number): Listed | undefined {
  if (typeof isListed !== 'boolean') return before;
  if (before !== undefined && (before.listedAt > at || (before.listedAt === at && before.listed))) return before;
  return { listedAt: at, listed: isListed, flipsAt: null };
}
