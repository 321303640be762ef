-- Indexes, with what they are on, as SQL and as columns' names. Those of extensions' tables are left out.
select pg_catalog.json_build_object('schema', n.nspname, 'name', t.relname) as "table", i.relname as name,
       m.amname as method, x.indisunique as "unique", x.indisprimary as "primary", x.indisvalid as valid,
       array(
         select pg_catalog.pg_get_indexdef(x.indexrelid, k::int4, false)
         from pg_catalog.generate_series(1, x.indnkeyatts) k
         order by k
       ) as columns,
       array(
         select a.attname
         from pg_catalog.generate_series(1, x.indnkeyatts) k
         left join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[k - 1] and a.attnum <> 0
         order by k
       ) as keys,
       pg_catalog.pg_get_expr(x.indpred, x.indrelid) as predicate
from pg_catalog.pg_index x
join pg_catalog.pg_class i on i.oid = x.indexrelid
join pg_catalog.pg_class t on t.oid = x.indrelid
join pg_catalog.pg_namespace n on n.oid = t.relnamespace
join pg_catalog.pg_am m on m.oid = i.relam
where n.nspname in (__SCHEMAS__)
  and not t.relispartition
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = t.oid and d.deptype = 'e'
  )
order by n.nspname collate "C", t.relname collate "C", i.relname collate "C"
