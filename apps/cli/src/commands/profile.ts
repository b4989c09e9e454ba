import { closeSync, openSync, writeSync } from 'node:fs';
import type { ApiClient } from '../api-client.js';
import { print, printJson } from '../print.js';
import { CommandFailed } from '../usage-error.js';

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
export async function showProfile(api: Reading, id: string, json: boolean): Promise<void> {
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

/** What exporting asks of the API. */
export type Exporting = Pick<ApiClient, 'get' | 'send'>;

/**
 * Writes one JSON document with everything that is held of a person, under all their ids, collected from the services that hold
 * it. Page after page goes to the file, so that memory stays where it is however long the history. Needs the scope `admin`.
 */
export async function exportProfile(api: Exporting, id: string, file: string, now: Date): Promise<void> {
  const profile = await api.get<Profile>(pathOf(id));
  const out = openSync(file, 'w', 0o600);
  try {
    const write = (text: string) => writeSync(out, text);
    write(`{"format":"tidings.profile-export.v1","exportedAt":${JSON.stringify(now.toISOString())},"profile":${JSON.stringify(profile)}`);
    const counts: Record<string, number> = {};
    for (const part of partsOf(profile)) {
      write(`,${JSON.stringify(part.name)}:[`);
      let count = 0;
      for await (const item of part.items(api)) write(`${count++ === 0 ? '' : ','}\n${JSON.stringify(item)}`);
      write(']');
      counts[part.name] = count;
    }
    write('}\n');
    print(`${file}: ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}`); // prettier-ignore
  } finally {
    closeSync(out);
  }
}

interface Part {
  readonly name: string;
  readonly items: (api: Exporting) => AsyncGenerator<unknown>;
}

/** What each service holds. */
function partsOf({ id, traits, devices, mergedIds }: Profile): readonly Part[] {
  const ids = [id, ...mergedIds.map((merged) => merged.id)];
  const emails = typeof traits['email'] === 'string' ? [traits['email']] : [];
  const tokens = devices.flatMap(({ token }) => (token === null ? [] : [token]));
  return [
    { name: 'events', items: (api) => pages(api, pathOf(id, '/events'), { context: 'true' }) },
    { name: 'runs', items: (api) => pages(api, pathOf(id, '/runs'), { ended: 'true' }) },
    { name: 'messages', items: (api) => pages(api, '/api/v1/decisions', { profile: id }) },
    { name: 'timeline', items: (api) => pages(api, pathOf(id, '/timeline'), {}) },
    { name: 'sandboxMessages', items: (api) => ofEach(ids, (profile) => pages(api, '/api/v1/sandbox/messages', { profile })) },
    { name: 'suppressedEmail', items: (api) => ofEach(emails, (address) => suppressed(api, 'email', address)) },
    { name: 'suppressedPush', items: (api) => ofEach(tokens, (address) => suppressed(api, 'push', address)) },
  ];
}

async function* pages(api: Exporting, path: string, query: Readonly<Record<string, string>>): AsyncGenerator<unknown> {
  for (let after: string | undefined; ;) {
    const page = await api.get<{ items: unknown[]; next: string | null }>(path, { ...query, limit: 200, after });
    yield* page.items;
    if (page.next === null) return;
    after = page.next;
  }
}

async function* ofEach(texts: readonly string[], items: (text: string) => AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  for (const text of texts) yield* items(text);
}

async function* suppressed(api: Exporting, channel: string, address: string): AsyncGenerator<unknown> {
  try {
    yield await api.send('POST', `/api/v1/suppressions/${channel}/lookup`, { address });
  } catch (error) {
    // Not suppressed, which is nothing to export.
    if (!(error instanceof CommandFailed) || error.status !== 404) throw error;
  }
}
