import { rowLevelSecurity, type AppSchema } from '@tidings/postgres';
import { erasedTable } from '@tidings/service';

const PARTITIONS = 8;

/** Rows change with every activity: room on each page keeps the new version of a row beside the old one. */
const partition = (n: number): string => `
  create table orchestrator.progress_${n} partition of orchestrator.progress
    for values with (modulus ${PARTITIONS}, remainder ${n})
    with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02);
  ${rowLevelSecurity('orchestrator', `progress_${n}`)}`;

/** The tables of the orchestrator: one row per profile, so that its lock is the profile's lock. */
export const orchestratorSchema: AppSchema = {
  schema: 'orchestrator',
  migrations: [
    {
      name: '001-progress',
      sql: `
        create table orchestrator.progress (
          workspace text not null,
          profile_id text not null,
          -- The highest position heard from each source of activity.
          heard jsonb not null,
          runs jsonb not null,
          -- The profile as last heard of, kept while a run waits.
          profile jsonb,
          -- The ids that were merged into this profile, and when the latest was.
          formerly jsonb,
          -- The profile that this one was merged into: what is still told of it is that profile's.
          merged_into text,
          -- When the earliest of the runs must be looked at again.
          wake_at timestamptz,
          primary key (workspace, profile_id)
        ) partition by hash (profile_id);
        create index progress_due on orchestrator.progress (wake_at) where wake_at is not null;
        ${rowLevelSecurity('orchestrator', 'progress')}
        ${Array.from({ length: PARTITIONS }, (_, n) => partition(n)).join('\n')}`,
    },
    { name: '002-erased', sql: erasedTable('orchestrator') },
  ],
};
