import type { Installation } from '../../harness/installation.js';
import { progress } from '../measure/rounds.js';
import { profileOf } from './people.js';

/** What the service's own audit found: every membership worked out anew from history. */
export interface Audited {
  readonly profiles: number;
  readonly differences: number;
  readonly overdue: number;
  readonly waiting: number;
  /** Memberships by recomputation. */
  readonly members: number;
}

interface Page {
  readonly items: readonly { readonly audited: number; readonly differences: number; readonly overdue: number; readonly waiting: number; readonly segments: readonly { readonly members: number }[] }[];
}

const PAGE = 100;

/** Audits stretches that lie evenly over all profiles, as many as there is time for. */
export async function audit(installation: Installation, profiles: number, seconds: number): Promise<Audited> {
  const found = { profiles: 0, differences: 0, overdue: 0, waiting: 0, members: 0 };
  const pages = Math.ceil(profiles / PAGE);
  // A step that shares no factor with the number of pages comes by each of them once.
  const step = Math.max(1, Math.floor(pages * 0.381966));
  const order = [...new Set(Array.from({ length: pages }, (_none, n) => (n * step) % pages)), ...Array.from({ length: pages }, (_none, n) => n)];
  const end = performance.now() + seconds * 1000;
  for (const page of new Set(order)) {
    if (performance.now() > end) break;
    const after = Buffer.from(JSON.stringify([page === 0 ? '' : profileOf(page * PAGE - 1)])).toString('base64url');
    const { items } = await installation.api<Page>('GET', `/api/v1/segments/audit?limit=${PAGE}&after=${after}`);
    for (const item of items) {
      found.profiles += item.audited;
      found.differences += item.differences;
      found.overdue += item.overdue;
      found.waiting += item.waiting;
      found.members += item.segments.reduce((sum, { members }) => sum + members, 0);
    }
  }
  progress(`audited ${found.profiles} of ${profiles} profiles: ${found.differences} differences in ${found.members} memberships`);
  return found;
}
