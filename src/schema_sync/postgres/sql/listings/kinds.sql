-- What the tool list_tables of Supabase's MCP server does not tell: the kind of a table, whether it is a partition or
-- belongs to an extension, and all of foreign tables.
select n.nspname::text as schema, c.relname::text as name,
  case c.relkind when 'p' then 'partitioned' when 'f' then 'foreign' else 'table' end as kind,
  c.relispartition or exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  ) as left_out,
  case when c.relkind = 'f' then (
    select pg_catalog.count(*) from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) end as columns,
  case when c.relkind = 'f' then pg_catalog.obj_description(c.oid, 'pg_class') end as comment
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in (__SCHEMAS__) and c.relkind in ('r', 'p', 'f')
