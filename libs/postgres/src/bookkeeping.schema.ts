import type { AppSchema } from './app-schema.js';
import { appRole } from './app-role.js';
import { dayPartitionFunctions } from './day-partitions.schema.js';
import { identifier } from './identifier.js';

/** Makes the app role where it is missing. Roles belong to the whole server, so another database may be making it too. */
export const createAppRole = `
do $body$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = '${appRole}') then
    create role ${appRole} nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
exception when duplicate_object or unique_violation then null;
end $body$;`;

/** What every app's schema has besides the app's own tables; safe to run again. The app role may change rows, and no table. */
export function bookkeeping({ schema: name }: AppSchema): string {
  const schema = identifier(name);
  return `
create schema if not exists ${schema};
grant usage on schema ${schema} to ${appRole};
create table if not exists ${schema}.migration (
  name text primary key, checksum text not null, applied_at timestamptz not null default now());
alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${appRole};
alter default privileges in schema ${schema} grant usage, select on sequences to ${appRole};
revoke all on ${schema}.migration from ${appRole};
grant select on ${schema}.migration to ${appRole};
create table if not exists ${schema}.kafka_position (
  consumer text not null, topic text not null, partition int not null, next_offset bigint not null,
  moved_at timestamptz not null default now(), primary key (consumer, topic, partition)) with (fillfactor = 50);
${dayPartitionFunctions(name)}`;
}

/** Makes the table of day partitions say what the schema says. The list of tables is JSON: table, keepDays. */
export function storeDayPartitions({ schema: name }: AppSchema): string {
  const table = `${identifier(name)}.day_partition`;
  return `
with wanted as (select * from jsonb_to_recordset($1::jsonb) as w("table" text, "keepDays" int, "fillFactor" int)),
     gone as (delete from ${table} where parent not in (select "table" from wanted))
insert into ${table} (parent, keep_days, fill_factor) select "table", "keepDays", coalesce("fillFactor", 100) from wanted
on conflict (parent) do update set keep_days = excluded.keep_days, fill_factor = excluded.fill_factor`;
}
