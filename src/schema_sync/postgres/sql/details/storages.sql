-- Row level security, estimated rows and bytes on disk; a partitioned table's are those of its partitions.
select pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname) as "table",
       c.relrowsecurity as row_security, c.relforcerowsecurity as forced,
       case when c.relkind = 'p' then (
         select pg_catalog.sum(k.reltuples::numeric) filter (where k.reltuples >= 0)::int8
         from pg_catalog.pg_partition_tree(c.oid) t join pg_catalog.pg_class k on k.oid = t.relid
         where t.isleaf
       ) when c.relkind <> 'v' and c.reltuples >= 0 then c.reltuples::int8 end as rows,
       case when c.relkind = 'p' then (
         select pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relid))::int8
         from pg_catalog.pg_partition_tree(c.oid) t
       ) when c.relkind in ('r', 'm') then pg_catalog.pg_total_relation_size(c.oid) end as size
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in (__SCHEMAS__)
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and not c.relispartition
order by n.nspname collate "C", c.relname collate "C"
