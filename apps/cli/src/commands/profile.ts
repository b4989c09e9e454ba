import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson } from '../print.js';

type Reading = Pick<ApiClient, 'get' | 'list'>;

interface Profile {
  readonly id: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly segments: readonly string[];
  readonly devices: readonly { readonly token: string | null }[];
  readonly mergedIds: readonly { readonly id: string }[];
}

interface Moment {
  readonly at: string;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

const MOMENTS = 50;
const pathOf = (id: string, rest = ''): string => `/api/v1/profiles/${encodeURIComponent(id)}${rest}`;

/** Shows one profile as it now is, and what happened to it lately. */
export async function showProfile(api: Reading, id: string, { json }: Output): Promise<void> {
  const [profile, timeline] = await Promise.all([api.get<Profile>(pathOf(id)), api.list<Moment>(pathOf(id, '/timeline'), {}, MOMENTS)]);
  if (json) return printJson({ ...profile, timeline });
  printJson(profile);
  for (const { at, kind, ...detail } of timeline) print(`${at}  ${kind.padEnd(18)}  ${told(detail)}`);
}

const telling = ['eventName', 'segment', 'journey', 'step', 'channel', 'reason', 'provider', 'merged'];

function told(detail: Readonly<Record<string, unknown>>): string {
  const said = telling.flatMap((name) => detail[name] ?? []);
  return said.map((text) => (typeof text === 'string' ? text : JSON.stringify(text))).join(', ');
}
