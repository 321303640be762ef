-- The queries of views, and the relations that they read.
select pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname) as "table",
       array(
         select pg_catalog.json_build_object('schema', u.schema, 'name', u.name)
         from (
           select distinct bn.nspname as schema, b.relname as name
           from pg_catalog.pg_rewrite r
           join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
           join pg_catalog.pg_class b on b.oid = d.refobjid
           join pg_catalog.pg_namespace bn on bn.oid = b.relnamespace
           where r.ev_class = c.oid and r.ev_type = '1' and b.oid <> c.oid and b.relkind in ('r', 'p', 'v', 'm', 'f')
             and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         ) u
         order by u.schema collate "C", u.name collate "C"
       ) as reads,
       pg_catalog.pg_get_viewdef(c.oid, true) as definition
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in (__SCHEMAS__)
  and c.relkind in ('v', 'm')
order by n.nspname collate "C", c.relname collate "C"
