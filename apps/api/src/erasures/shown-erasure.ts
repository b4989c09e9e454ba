import { erasureStores } from '@tidings/contracts';
import type { KeptErasure } from './erasures.store.js';

/** An erasure takes seconds where every service runs; after this long somebody has to look. */
export const OVERDUE_AFTER_MS = 3_600_000;

/** An erasure as the API shows it: store by store, `at` null where one has not let go yet. */
export interface ShownErasure {
  readonly id: string;
  readonly state: 'running' | 'overdue' | 'done';
  readonly requestedAt: string;
  readonly doneAt: string | null;
  readonly stores: readonly { readonly store: string; readonly at: string | null; readonly rows: number }[];
}

/** What is shown of an erasure at this moment. */
export function shownErasure({ id, requestedAt, doneAt, receipts }: KeptErasure, now: Date): ShownErasure {
  const byStore = new Map(receipts.map((receipt) => [receipt.store, receipt]));
  const late = now.getTime() - requestedAt.getTime() > OVERDUE_AFTER_MS;
  return {
    id,
    state: doneAt !== null ? 'done' : late ? 'overdue' : 'running',
    requestedAt: requestedAt.toISOString(),
    doneAt: doneAt?.toISOString() ?? null,
    stores: erasureStores.map((store) => {
      const receipt = byStore.get(store);
      return { store, at: receipt === undefined ? null : new Date(receipt.at).toISOString(), rows: receipt?.rows ?? 0 };
    }),
  };
}
