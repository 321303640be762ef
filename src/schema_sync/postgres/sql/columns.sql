-- Raw columns of those relations; names of types, defaults and comments are joined by the reader. Of a default there
-- is the text where it may tell something: '[]' that a json column holds an array, NULL that the default is none.
-- Domains may be over json, and a null is stored only where it is cast to a domain or a length. To deparse takes
-- time, and by far the most where it may refer to a column.
select a.attrelid::int8, a.attname::text, a.attnum::int4, a.atttypid::int8, a.atttypmod::int4,
       a.attnotnull, a.atthasdef, a.attidentity::text, a.attgenerated::text,
       case when a.atthasdef and (
         a.atttypmod >= 0
         or a.atttypid >= 12000
         or a.atttypid in ('pg_catalog.json'::pg_catalog.regtype, 'pg_catalog.jsonb'::pg_catalog.regtype)
       ) then (
         select coalesce(pg_catalog.pg_get_expr(
           d.adbin,
           case when pg_catalog.strpos(d.adbin::text, '{VAR ') > 0 then d.adrelid else 0 end
         ), '')
         from pg_catalog.pg_attrdef d
         where d.adrelid = a.attrelid and d.adnum = a.attnum
       ) end as told
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
where c.relnamespace = any (array(select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__)))
  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
  and not c.relispartition
  and a.attnum > 0
  and not a.attisdropped
