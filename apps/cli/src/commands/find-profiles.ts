import type { ApiClient } from '../api-client.js';
import { printRows } from '../print.js';
import { UsageError } from '../usage-error.js';

/** What profiles are sought by: a trait, or one address. */
export interface Seeking {
  readonly trait?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly country?: string;
  readonly deviceToken?: string;
  readonly webPush?: string;
  readonly chat?: string;
}

interface Found {
  readonly id: string;
  readonly createdAt: string;
  readonly addresses: readonly { readonly kind: string; readonly validity: string }[];
}

/** Lists the profiles that have a trait, or that are reached at an address, and by what else each of them is reached. */
export async function findProfiles(api: Pick<ApiClient, 'list'>, { limit, ...seeking }: Seeking & { readonly limit: string }, json: boolean): Promise<void> {
  const { country: _beside, ...sought } = seeking;
  if (Object.keys(sought).length === 0) throw new UsageError('say what to find: --trait, --email, --phone, --device-token, --web-push or --chat');
  const profiles = await api.list<Found>('/api/v1/profiles', { ...seeking }, Number(limit));
  if (json) return printRows(profiles, [], true);
  printRows(profiles.map(({ id, createdAt, addresses }) => ({ id, createdAt, reached: reachedBy(addresses) })), ['id', 'createdAt', 'reached'], false); // prettier-ignore
}

const reachedBy = (addresses: Found['addresses']): string =>
  addresses.map(({ kind, validity }) => (validity === 'valid' ? kind : `${kind} (${validity})`)).join(', ') || '-';
