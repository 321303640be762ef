-- Relations and types that belong to an extension.
select d.objid::int8
from pg_catalog.pg_depend d
where d.deptype = 'e'
  and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  and d.classid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
