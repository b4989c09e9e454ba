import type { ApiClient } from '../api-client.js';
import type { Limited } from '../command-shape.js';
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
export async function findProfiles(api: Pick<ApiClient, 'list'>, options: Seeking & Limited): Promise<void> {
  const { trait, email, phone, country, deviceToken, webPush, chat, limit, json } = options;
  const sought = { trait, email, phone, deviceToken, webPush, chat };
  if (Object.values(sought).every((value) => value === undefined)) throw new UsageError('say what to find: --trait, --email, --phone, --device-token, --web-push or --chat');
  const profiles = await api.list<Found>('/api/v1/profiles', { ...sought, country }, limit);
  if (json) return printRows(profiles, [], true);
  printRows(profiles.map(({ id, createdAt, addresses }) => ({ id, createdAt, reached: reachedBy(addresses) })), ['id', 'createdAt', 'reached'], false); // prettier-ignore
}

const reachedBy = (addresses: Found['addresses']): string =>
  addresses.map(({ kind, validity }) => (validity === 'valid' ? kind : `${kind} (${validity})`)).join(', ') || '-';
