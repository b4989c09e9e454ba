import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import { print, printJson } from '../print.js';
import { progressOn, type Progress } from '../progress.js';
import { CommandFailed } from '../usage-error.js';

interface Ended {
  readonly publishedAt: string | null;
  readonly startedAt: string;
  readonly toldAt: string;
  readonly profiles: number;
  readonly left: number;
}

/** How far segments have been worked out for the profiles that were there before, as the API says it. */
export interface SegmentProgress {
  readonly state: 'waiting' | 'computing' | 'checking' | 'done';
  readonly publishedAt: string | null;
  readonly changed: readonly { readonly kind: string; readonly id: string; readonly version: number; readonly status: string }[];
  readonly profiles: { readonly done: number; readonly of: number; readonly method: 'exact' | 'estimated' } | null;
  readonly share: number;
  readonly perSecond: number | null;
  readonly startedAt: string | null;
  readonly steppedAt: string | null;
  readonly toldAt: string | null;
  readonly expectedAt: string | null;
  readonly left: number;
  readonly last: Ended | null;
}

/** What is waited for, and how. */
export interface Waiting {
  readonly json?: boolean;
  /** What was published at this moment, or later; left out: what is known of. */
  readonly since?: string | null;
  readonly everyMs?: number;
  /** How long an installation may give no answer, hear of nothing, or stand still. */
  readonly patienceMs?: number;
}

type Api = Pick<ApiClient, 'get'>;

/** Shows how far segments are; with `watch` until everybody was told. */
export async function showProgress(api: Api, { watch = false, ...options }: Waiting & { readonly watch?: boolean }): Promise<void> {
  if (watch) await watched(api, options);
  const progress = await ask(api);
  if (options.json === true) printJson(progress);
  else tell(progress, Date.now());
}

/** Waits until everybody was told of what was published, with a bar. Fails when somebody could not be told, or nobody goes forward. */
export async function watched(api: Api, { json = false, since = null, everyMs = 500, patienceMs = 300_000 }: Waiting): Promise<SegmentProgress> {
  const bar = new Bar(json);
  const patience = new Patience(patienceMs);
  for (;;) {
    const progress = await patiently(api, patience);
    if (progress !== null && isHeard(progress, since)) {
      bar.show(progress);
      if (isOver(progress)) {
        bar.end();
        return settled(progress);
      }
    }
    patience.spend(progress);
    await sleep(everyMs);
  }
}

/** How long it is waited while nothing changes. */
class Patience {
  private seen = '';
  private until: number;

  constructor(private readonly ms: number) {
    this.until = Date.now() + ms;
  }

  get isOver(): boolean {
    return Date.now() >= this.until;
  }

  /** Whoever goes forward gives new patience; fails when there is none left. */
  spend(progress: SegmentProgress | null): void {
    const seen = progress === null ? this.seen : [progress.state, progress.publishedAt, progress.steppedAt].join();
    if (seen !== this.seen) [this.seen, this.until] = [seen, Date.now() + this.ms];
    if (this.isOver) throw new CommandFailed('nobody goes on telling profiles of it: is segmentation running? `tidings segments progress` says how far it came');
  }
}

/** The bar of a backfill; another begins another. */
class Bar {
  private bar: Progress | null = null;
  private of: string | null = null;

  constructor(private readonly json: boolean) {}

  show({ profiles, share, startedAt, ...rest }: SegmentProgress): void {
    if (profiles === null) return;
    if (this.bar === null || this.of !== startedAt) {
      this.end();
      this.bar = progressOn(process.stderr, this.json, { things: 'profiles', already: profiles.done });
      this.of = startedAt;
    }
    this.bar.show(profiles.done, share, noteOf(rest, Date.now()));
  }

  end(): void {
    this.bar?.end();
    this.bar = null;
  }
}

const ask = (api: Api): Promise<SegmentProgress> => api.get<SegmentProgress>('/api/v1/segments/progress');

/** Null where trouble may pass: nobody answers, or somebody who is about to. */
async function patiently(api: Api, patience: Patience): Promise<SegmentProgress | null> {
  try {
    return await ask(api);
  } catch (error) {
    const passes = error instanceof CommandFailed && (error.status === null || error.status === 429 || error.status >= 500);
    if (passes && !patience.isOver) return null;
    throw error;
  }
}

const isHeard = ({ publishedAt }: SegmentProgress, since: string | null): boolean => since === null || (publishedAt !== null && Date.parse(publishedAt) >= Date.parse(since));

/** Those who were left for later are looked for once more: it is over when that was done. */
const isOver = ({ state, left }: SegmentProgress): boolean => state === 'done' || (state === 'checking' && left === 0);

function settled(progress: SegmentProgress): SegmentProgress {
  if (progress.state !== 'done' || progress.left === 0) return progress;
  throw new CommandFailed(`${count(progress.left)} profiles were not told yet: they failed, which the log of segmentation says, or what they did is still on its way`);
}

function noteOf({ state, expectedAt, left }: Pick<SegmentProgress, 'state' | 'expectedAt' | 'left'>, now: number): string {
  const notes = [
    ...(expectedAt === null ? [] : [`${lasting(Date.parse(expectedAt) - now)} left`]),
    ...(left > 0 ? [`${count(left)} ${state === 'checking' ? 'looked for again' : 'for later'}`] : []),
  ];
  return notes.join(', ');
}

function tell(progress: SegmentProgress, now: number): void {
  const { state, publishedAt, startedAt, changed, last } = progress;
  if (publishedAt === null) print('no segment was ever published');
  else print(`${sentenceOf(progress, now)}`);
  if (state !== 'done' && publishedAt !== null) print(`published ${publishedAt}${startedAt === null ? '' : `, begun ${startedAt}`}`);
  for (const { kind, id, version, status } of changed) print(`    ${kind} ${id}, version ${version}${status === 'archived' ? ', archived' : ''}`);
  if (last !== null) print(`before that: ${count(last.profiles)} profiles in ${lasting(Date.parse(last.toldAt) - Date.parse(last.startedAt))}, published ${last.publishedAt ?? 'never'}`);
}

function sentenceOf(progress: SegmentProgress, now: number): string {
  const { state, profiles, startedAt, toldAt, left, publishedAt } = progress;
  const done = count(profiles?.done ?? 0);
  const later = left === 0 ? '' : `; ${count(left)} ${state === 'done' ? 'were not told yet' : 'were left for later'}`;
  switch (state) {
    case 'waiting':
      return 'waiting: published, and not begun yet';
    case 'computing':
      return `computing: ${done} of ${goingOn(progress, now)}${later}`;
    case 'checking':
      return `all ${done} profiles were told${within(startedAt, toldAt)}; newcomers of the meantime are looked for${later}`;
    case 'done':
      return `done: ${done} profiles${within(startedAt, toldAt)}, published ${publishedAt ?? 'never'}${later}`;
  }
}

function goingOn({ profiles, share, perSecond, expectedAt }: SegmentProgress, now: number): string {
  const about = profiles?.method === 'estimated' ? 'about ' : '';
  const rate = perSecond === null ? 'which stands still' : `${count(perSecond)} profiles/s`;
  const end = expectedAt === null ? '' : `, ${lasting(Date.parse(expectedAt) - now)} left`;
  return `${about}${count(profiles?.of ?? 0)} profiles (${Math.floor(share * 100)} %), ${rate}${end}`;
}

const within = (from: string | null, until: string | null): string => (from === null || until === null ? '' : ` in ${lasting(Date.parse(until) - Date.parse(from))}`);

function lasting(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const count = (value: number): string => value.toLocaleString('en');
