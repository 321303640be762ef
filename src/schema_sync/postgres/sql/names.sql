-- What the names in queries need: tables with a trigger that may fill columns (for each row, before an insert: the
-- bits 1, 2 and 4 of tgtype), the columns of unique indexes over whole tables, and functions of extensions.
select 'filled' as kind, t.tgrelid::int8 as oid, null::int8[] as columns, null::text as name
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 7 = 7
union all
select 'unique', i.indrelid::int8, (i.indkey::int2[]::int8[])[0:i.indnkeyatts - 1], null
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indrelid
where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
union all
select 'function', p.pronamespace::int8, null, p.proname::text
from pg_catalog.pg_proc p
join pg_catalog.pg_depend e
  on e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid and e.deptype = 'e'
where p.pronamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
