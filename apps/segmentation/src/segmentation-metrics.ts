import type { Brought } from './bring.js';
import type { Limited } from '@tidings/profile';
import { counter, gauge, histogram } from '@tidings/service';

const latency = histogram(
  'tidings_stage_latency_seconds',
  'From the moment a cause was received or fell due until a stage was done with it.',
);
const duplicates = counter(
  'tidings_dedup_hits_total',
  'Events and sends that came again and were recognised, by stage.',
);
const limits = counter(
  'tidings_profile_limits_total',
  'Events that brought more traits, devices, addresses or groups than are kept, by what there was no room for.',
);

const merges = counter(
  'tidings_profile_merges_total',
  "Ids that events said to be of one person: merged, or not, because they are somebody else's or there are too many.",
);

const toldOfGroups = counter(
  'tidings_group_members_told_total',
  'Profiles that are looked at again because traits of a group that they belong to changed.',
);

const audits = counter('tidings_segment_audit_profiles_total', 'Profiles whose memberships were worked out anew by the sample that is taken every hour.');
let differences = 0;
gauge('tidings_segment_audit_differences', 'Memberships that were not what history says, in the newest sample.', () => [
  { value: differences, labels: {} },
]);

const backfilled = counter('tidings_backfill_profiles_total', 'Profiles that were held against newly published segments in the background: told, left to the clock, or found told.');
let untoldSince = Infinity;
gauge('tidings_backfill_age_seconds', 'How long ago those segments were published of which not everybody is known to have been told; 0 when there are none.', () => [
  { value: Math.max(0, (Date.now() - untoldSince) / 1000), labels: {} },
]);

/** Counts what became of the profiles of a step of a backfill. */
export function countBackfilled({ told, left, known }: Readonly<Record<'told' | 'left' | 'known', number>>): void {
  for (const [outcome, profiles] of Object.entries({ told, left, known })) if (profiles > 0) backfilled.add(profiles, { outcome });
}

/** Notes when the oldest segments were published, in ms, of which not everybody was told; Infinity when there are none. */
export function measureUntold(since: number): void {
  untoldSince = since;
}

/** Notes what the newest sample of the audit found. */
export function measureAudited(profiles: number, differing: number): void {
  audits.add(profiles, {});
  differences = differing;
}

/** Counts profiles that became part of others, and ids that did not, by why. */
export function countMerges({ found, unheard, refused }: Brought): void {
  if (found.length + unheard.length > 0) merges.add(found.length + unheard.length, { outcome: 'merged' });
  for (const { reason } of refused) merges.add(1, { outcome: reason });
}

/** Counts members who are looked at again because their group changed. */
export function countToldOfGroups(profiles: number): void {
  if (profiles > 0) toldOfGroups.add(profiles, {});
}

/** Measures how long after their causes activities were published. */
export function measureDone(causes: readonly string[], now: number): void {
  for (const at of causes) latency.record((now - Date.parse(at)) / 1000, { stage: 'segmentation' });
}

/** Counts events that came again. */
export function countDuplicates(count: number): void {
  if (count > 0) duplicates.add(count, { stage: 'segmentation' });
}

/** Counts what a profile had no room for. */
export function countLimited(limited: readonly Limited[]): void {
  for (const limit of limited) limits.add(1, { limit });
}
