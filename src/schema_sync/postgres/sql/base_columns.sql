-- Columns that views read and that columns.sql leaves out: of other schemas, and of partitions.
select distinct a.attrelid::int8, a.attnum::int4, a.atttypid::int8, a.attnotnull
from pg_catalog.pg_depend d
join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
join pg_catalog.pg_class c on c.oid = a.attrelid
where d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
  and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and d.refobjsubid > 0
  and (
    c.relispartition
    or c.relnamespace not in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  )
