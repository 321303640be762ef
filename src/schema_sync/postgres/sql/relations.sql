-- Tables, partitioned tables, views, materialized views, foreign tables and composite types; of partitions only
-- that they are some: rows reach the code through their parent. Each has a row type, and an array type of that.
select c.oid::int8, c.relnamespace::int8, c.relname::text, c.relkind::text, c.reltype::int8, t.typarray::int8,
  c.relispartition
from pg_catalog.pg_class c
left join pg_catalog.pg_type t on t.oid = c.reltype
where c.relnamespace = any (array(select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__)))
  and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
