import { rowLevelSecurity } from '@tidings/postgres';

/**
 * SQL for a migration: the table `erased` in a schema, which `ErasedIds` keeps. A row is a keyed hash of one id of somebody
 * who was erased, so that what was on its way then does not bring the person back.
 */
export const erasedTable = (schema: string): string => `
  create table ${schema}.erased (
    workspace text not null,
    id_hash text not null,
    -- What was received later is of a new profile.
    requested_at timestamptz not null,
    -- When the person's data had gone here.
    until timestamptz not null,
    primary key (workspace, id_hash)
  );
  ${rowLevelSecurity(schema, 'erased')}`;
