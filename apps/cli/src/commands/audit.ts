import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import type { Output } from '../command-shape.js';
import { print, printJson, printRows } from '../print.js';
import { progressOn } from '../progress.js';
import { CommandFailed } from '../usage-error.js';

/** How fast an audit goes, where it begins, and what it prints. */
export interface AuditOptions extends Output {
  /** Profiles a second, at most. */
  readonly rate: number;
  readonly after?: string;
}

interface Finding {
  readonly segment: string;
  readonly members: number;
  readonly missing: number;
  readonly extra: number;
  readonly unproven: number;
  readonly profiles: readonly string[];
}

interface Audited {
  readonly audited: number;
  readonly waiting: number;
  readonly overdue: number;
  readonly differences: number;
  readonly segments: readonly Finding[];
  readonly historySince: string;
  readonly profiles: number | null;
}

interface AuditPage {
  readonly found: Audited;
  readonly next: string | null;
}

const pageSize = 200;
const shownProfiles = 10;

/** Audits every profile's memberships, page after page; fails when any is not what history says. */
export async function auditSegments(api: Pick<ApiClient, 'get'>, options: AuditOptions): Promise<void> {
  const total = await walked(api, options);
  if (options.json) printJson(total);
  else tell(total);
  if (total.differences > 0) throw new CommandFailed(`${total.differences.toLocaleString('en')} memberships are not what history says`);
}

async function walked(api: Pick<ApiClient, 'get'>, { rate, after, json = false }: AuditOptions): Promise<Audited> {
  const progress = progressOn(process.stderr, json, { things: 'profiles' });
  let began = Date.now();
  let { next, found: total } = await page(api, after);
  const show = () => progress.show(total.audited, total.profiles ? Math.min(1, total.audited / total.profiles) : null);
  show();
  while (next !== null) {
    await sleep(Math.max(0, began + (pageSize / rate) * 1000 - Date.now()));
    began = Date.now();
    const current = await resumable(api, next);
    total = joined(total, current.found);
    next = current.next;
    show();
  }
  progress.end();
  return total;
}

async function page(api: Pick<ApiClient, 'get'>, after: string | undefined): Promise<AuditPage> {
  const { items, next } = await api.get<{ items: [Audited]; next: string | null }>('/api/v1/segments/audit', { after, limit: pageSize });
  return { found: items[0], next };
}

/** An audit that breaks off says where to go on. */
async function resumable(api: Pick<ApiClient, 'get'>, after: string): Promise<AuditPage> {
  try {
    return await page(api, after);
  } catch (error) {
    throw error instanceof CommandFailed ? new CommandFailed(`${error.message}\ngo on with --after ${after}`) : error;
  }
}

function joined(a: Audited, b: Audited): Audited {
  const segments = new Map(a.segments.map((finding) => [finding.segment, finding]));
  for (const finding of b.segments) {
    const before = segments.get(finding.segment);
    segments.set(finding.segment, before === undefined ? finding : sum(before, finding));
  }
  return {
    ...a,
    audited: a.audited + b.audited,
    waiting: a.waiting + b.waiting,
    overdue: a.overdue + b.overdue,
    differences: a.differences + b.differences,
    segments: [...segments.values()].toSorted((x, y) => (x.segment < y.segment ? -1 : 1)),
  };
}

const sum = (a: Finding, b: Finding): Finding => ({
  segment: a.segment,
  members: a.members + b.members,
  missing: a.missing + b.missing,
  extra: a.extra + b.extra,
  unproven: a.unproven + b.unproven,
  profiles: [...a.profiles, ...b.profiles].slice(0, shownProfiles),
});

function tell({ audited, waiting, overdue, differences, segments, historySince }: Audited): void {
  const count = (value: number) => value.toLocaleString('en');
  printRows(segments, ['segment', 'members', 'missing', 'extra', 'unproven', 'profiles'], false);
  print(`${count(audited)} profiles audited, ${count(differences)} differences`);
  if (segments.some(({ unproven }) => unproven > 0)) print(`unproven: the answer rests on what was done before ${historySince.slice(0, 10)}, of which there is no history any more`);
  if (waiting > 0) print(`${count(waiting)} profiles were not told of the newest segments yet`);
  if (overdue > 0) print(`${count(overdue)} profiles should have been looked at more than a minute ago`);
}
