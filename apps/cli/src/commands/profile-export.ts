import { closeSync, openSync, writeSync } from 'node:fs';
import { channels, type Channel } from '@tidings/contracts';
import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson } from '../print.js';

interface Profile {
  readonly id: string;
  readonly addresses: readonly { readonly channel: string; readonly address: string | null }[];
  readonly mergedIds: readonly { readonly id: string }[];
}

/** What the lists of suppressed addresses take. */
const LONGEST_ADDRESS = 4096;

const pathOf = (id: string, rest = ''): string => `/api/v1/profiles/${encodeURIComponent(id)}${rest}`;

/** What exporting asks of the API. */
export type Exporting = Pick<ApiClient, 'get' | 'send'>;

/**
 * Writes one JSON document with everything that is held of a person, under all their ids, collected from the services that hold
 * it. Page after page goes to the file, so that memory stays where it is however long the history. Needs the scope `admin`.
 */
export async function exportProfile(api: Exporting, id: string, file: string, { json, now = new Date() }: Output & { readonly now?: Date }): Promise<void> {
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
    if (json) printJson({ file, counts });
    else print(`${file}: ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}`); // prettier-ignore
  } finally {
    closeSync(out);
  }
}

interface Part {
  readonly name: string;
  readonly items: (api: Exporting) => AsyncGenerator<unknown>;
}

/** What each service holds. A table that holds something of a person is in one of these, or docs/personal-data.md says why not; a spec holds it to that. */
function partsOf(profile: Profile): readonly Part[] {
  const { id, mergedIds } = profile;
  const ids = [id, ...mergedIds.map((merged) => merged.id)];
  return [
    { name: 'events', items: (api) => pages(api, pathOf(id, '/events'), { context: 'true' }) },
    { name: 'runs', items: (api) => pages(api, pathOf(id, '/runs'), { ended: 'true' }) },
    { name: 'messages', items: (api) => pages(api, '/api/v1/decisions', { profile: id }) },
    { name: 'deliveries', items: (api) => ofEach(channels, (channel) => ofEach(ids, (each) => ofChannel(channel, pages(api, `/api/v1/deliveries/${channel}/${encodeURIComponent(each)}`, {})))) },
    { name: 'timeline', items: (api) => pages(api, pathOf(id, '/timeline'), {}) },
    { name: 'sandboxMessages', items: (api) => ofEach(ids, (profile) => pages(api, '/api/v1/sandbox/messages', { profile })) },
    { name: 'suppressions', items: (api) => ofEach(channels, (channel) => ofChannel(channel, ofEach(suppressible(profile, channel), (address) => suppressions(api, channel, address)))) },
    { name: 'deadLetters', items: (api) => deadLetters(api, ids) },
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

async function* ofEach<T>(things: readonly T[], items: (thing: T) => AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  for (const thing of things) yield* items(thing);
}

async function* ofChannel(channel: Channel, items: AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  for await (const item of items) yield { channel, ...(item as object) };
}

/** The addresses of a channel that can have been suppressed: one that is longer than any is refused when asked for. */
function suppressible({ addresses }: Profile, channel: Channel): readonly string[] {
  const found = addresses.flatMap((each) => (each.channel === channel && each.address !== null ? [each.address] : []));
  return [...new Set(found)].filter(({ length }) => length > 0 && length <= LONGEST_ADDRESS);
}

/** What is kept of an address, if anything is. */
async function* suppressions(api: Exporting, channel: Channel, address: string): AsyncGenerator<unknown> {
  const record = await api.send<{ suppressed: unknown; changes: unknown[]; softBounces: unknown[] }>('POST', `/api/v1/suppressions/${channel}/record`, { address });
  if (record.suppressed !== null || record.changes.length > 0 || record.softBounces.length > 0) yield { address, ...record };
}

/** Letters that name the person, each once and with its text. */
async function* deadLetters(api: Exporting, ids: readonly string[]): AsyncGenerator<unknown> {
  const seen = new Set<string>();
  for (const profile of ids) {
    for await (const letter of pages(api, '/api/v1/dead-letters', { profile })) {
      const { id } = letter as { readonly id: string };
      if (seen.has(id)) continue;
      seen.add(id);
      yield await api.get(`/api/v1/dead-letters/${encodeURIComponent(id)}`);
    }
  }
}
