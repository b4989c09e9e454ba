import type { ApiClient } from '../api-client.js';
import type { Limited, Output } from '../command-shape.js';
import { print, printJson } from '../print.js';
import { CommandFailed } from '../usage-error.js';
import { soundYaml } from '../yaml-file.js';

interface Amount {
  readonly size: number;
  readonly low: number;
  readonly high: number;
}

interface Preview extends Amount {
  readonly method: 'exact' | 'estimated';
  readonly profiles: number;
  readonly sampled: number;
  readonly sample: readonly string[];
  readonly cut: readonly (Amount & { readonly place: string })[];
}

/** Shows who is in a segment, and how many; of a snapshot with the moment of which they are. */
export async function listMembers(api: Pick<ApiClient, 'get' | 'list'>, id: string, { limit, json }: Limited): Promise<void> {
  const path = `/api/v1/segments/${encodeURIComponent(id)}/members`;
  const { count, takenAt } = await api.get<{ count: number; takenAt?: string }>(path, { limit: 1 });
  const members = await api.list<{ profileId: string }>(path, {}, limit);
  if (json) return printJson({ count, ...(takenAt !== undefined && { takenAt }), members: members.map(({ profileId }) => profileId) });
  print(`${number(count)} members${takenAt === undefined ? '' : `, as of ${takenAt}`}`);
  for (const { profileId } of members) print(profileId);
}

/** Shows the audience that a segment's file would have. */
export async function previewSegment(api: Pick<ApiClient, 'send'>, file: string, { json }: Output): Promise<void> {
  const preview = await api.send<Preview>('POST', '/api/v1/segments/preview', { where: whereOf(file) });
  if (json) printJson(preview);
  else tell(preview);
}

function whereOf(file: string): unknown {
  const { document } = soundYaml(file);
  const where: unknown = typeof document === 'object' && document !== null ? Reflect.get(document, 'where') : undefined;
  if (where === undefined) throw new CommandFailed(`${file}: has no where`);
  return where;
}

function tell({ method, profiles, sampled, sample, cut, ...amount }: Preview): void {
  print(`${told(amount)} of ${number(profiles)} profiles`);
  if (method === 'estimated') print(`estimated from ${number(sampled)} that chance picked; in 95 of 100 such samples the bounds hold`);
  for (const { place, ...left } of cut) print(`    ${place}  leaves ${told(left)}`);
  if (sample.length > 0) print(`such as ${sample.join(', ')}`);
}

const number = (value: number): string => value.toLocaleString('en');
const told = ({ size, low, high }: Amount): string => (low === high ? number(size) : `${number(size)} (${number(low)} to ${number(high)})`);
