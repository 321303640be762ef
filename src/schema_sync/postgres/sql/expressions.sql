-- The text of defaults (attnum) and checks (name). The search path is emptied first, so that every name
-- outside pg_catalog is written with its schema whatever the session's own path, and strings so that a
-- backslash in them is one. Deparsing a default
-- against its relation costs ten times more and is needed only where it refers to a column. A check binds
-- if every row that a SELECT yields passes it, by the bytes of its texts.
select e.relid::int8, e.attnum::int4, e.conname::text,
       pg_catalog.pg_get_expr(
         e.expression,
         case when pg_catalog.strpos(e.expression::text, '{VAR ') > 0 then e.relid else 0 end
       ),
       e.binding, e.conkey
from (
  select pg_catalog.set_config('search_path', '', true),
         pg_catalog.set_config('standard_conforming_strings', 'on', true)
  offset 0
) settings
cross join (
  select d.adrelid as relid, d.adnum as attnum, null::name as conname, d.adbin as expression, true as binding,
         null::int2[] as conkey
  from pg_catalog.pg_attrdef d
  union all
  select k.conrelid, null, k.conname, k.conbin,
         k.convalidated and not k.connoinherit and not exists (
           select from pg_catalog.pg_attribute a
           join pg_catalog.pg_collation l on l.oid = a.attcollation
           where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and not l.collisdeterministic
         ), k.conkey
  from pg_catalog.pg_constraint k
  where k.contype = 'c' and k.conrelid <> 0
) e
join pg_catalog.pg_class c on c.oid = e.relid
where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and not c.relispartition
