import { appRole } from './app-role.js';
import { identifier } from './identifier.js';

/**
 * Partitions are made and dropped by a function that runs as the tables' owner, so that services need no more than the
 * app role. A new partition is filled and then attached: attaching, unlike `partition of`, does not lock the parent
 * against reads and writes, and rows that waited in the default partition would forbid it.
 */
export function dayPartitionFunctions(name: string): string {
  const schema = identifier(name);
  return `
create table if not exists ${schema}.day_partition (parent text primary key, keep_days int not null, fill_factor int not null default 100);
alter table ${schema}.day_partition add column if not exists fill_factor int not null default 100;
revoke all on ${schema}.day_partition from ${appRole};
${addFunction(schema, `'${name}'`)}
${dropFunction(schema, `'${name}'`)}
${maintainFunction(schema, `'${name}'`)}
revoke all on function ${schema}.add_day_partition(text, date) from public;
revoke all on function ${schema}.drop_day_partitions(text, date) from public;
revoke all on function ${schema}.maintain_day_partitions(date) from public;
grant execute on function ${schema}.maintain_day_partitions(date) to ${appRole};`;
}

const addFunction = (schema: string, text: string): string => `
create or replace function ${schema}.add_day_partition(parent text, day date) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $body$
declare
  child text := parent || to_char(day, '"_y"YYYY"m"MM"d"DD');
  fallback text := parent || '_default';
  fill int := (select p.fill_factor from ${schema}.day_partition p where p.parent = add_day_partition.parent);
begin
  if to_regclass(format('%I.%I', ${text}, child)) is not null then return; end if;
  execute format('lock table %I.%I in access exclusive mode', ${text}, fallback);
  execute format('create table %1$I.%2$I (like %1$I.%3$I including all) with (fillfactor = %4$s)', ${text}, child, parent, fill);
  execute format('revoke all on %I.%I from ${appRole}', ${text}, child);
  execute format('with late as (delete from %1$I.%3$I where day = %4$L returning *) insert into %1$I.%2$I overriding system value select * from late',
    ${text}, child, fallback, day);
  execute format('alter table %1$I.%3$I attach partition %1$I.%2$I for values from (%4$L) to (%5$L)', ${text}, child, parent, day, day + 1);
end $body$;`;

const dropFunction = (schema: string, text: string): string => `
create or replace function ${schema}.drop_day_partitions(parent text, before date) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $body$
declare
  child text;
begin
  for child in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = format('%I.%I', ${text}, parent)::regclass and c.relname ~ '_y\\d{4}m\\d{2}d\\d{2}$'
       and to_date(right(c.relname, 11), '"y"YYYY"m"MM"d"DD') < before
  loop
    execute format('drop table %I.%I', ${text}, child);
  end loop;
  execute format('delete from %I.%I where day < %L', ${text}, parent || '_default', before);
end $body$;`;

const maintainFunction = (schema: string, text: string): string => `
create or replace function ${schema}.maintain_day_partitions(today date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as $body$
declare
  kept record;
begin
  perform pg_advisory_xact_lock(hashtextextended('tidings.day_partition.' || ${text}, 0));
  for kept in select p.parent, p.keep_days from ${schema}.day_partition p loop
    if to_regclass(format('%I.%I', ${text}, kept.parent || '_default')) is null then
      execute format('create table %1$I.%2$I partition of %1$I.%3$I default', ${text}, kept.parent || '_default', kept.parent);
      execute format('revoke all on %I.%I from ${appRole}', ${text}, kept.parent || '_default');
    end if;
    perform ${schema}.add_day_partition(kept.parent, today + ahead) from generate_series(-2, 3) ahead;
    perform ${schema}.drop_day_partitions(kept.parent, today - kept.keep_days);
  end loop;
end $body$;`;
