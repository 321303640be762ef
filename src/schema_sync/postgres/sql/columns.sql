-- Raw columns of those relations; names of types, defaults and comments are joined by the reader.
select a.attrelid::int8, a.attname::text, a.attnum::int4, a.atttypid::int8, a.atttypmod::int4,
       a.attnotnull, a.atthasdef, a.attidentity::text, a.attgenerated::text
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
  and not c.relispartition
  and a.attnum > 0
  and not a.attisdropped
