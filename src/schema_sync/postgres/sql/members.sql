-- Relations and types that belong to an extension; of relations also the names.
select d.objid::int8, c.relnamespace::int8, c.relname::text
from pg_catalog.pg_depend d
left join pg_catalog.pg_class c
  on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
where d.deptype = 'e'
  and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  and d.classid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
