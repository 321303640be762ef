-- Functions that a query can call: no procedures, aggregates or window functions, no trigger functions, none that
-- only the server can call, and none of an extension.
select p.oid::int8, p.pronamespace::int8, p.proname::text, p.prorettype::int8, p.proretset, p.provolatile::text,
       p.proisstrict, p.pronargdefaults::int4, p.proargtypes::oid[]::int8[], p.proallargtypes::int8[],
       p.proargmodes::text[], p.proargnames, d.description
from pg_catalog.pg_proc p
left join pg_catalog.pg_description d
  on d.objoid = p.oid and d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objsubid = 0
where p.pronamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and p.prokind = 'f'
  and p.prorettype not in (
    'pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype,
    'pg_catalog.internal'::pg_catalog.regtype, 'pg_catalog.language_handler'::pg_catalog.regtype,
    'pg_catalog.fdw_handler'::pg_catalog.regtype, 'pg_catalog.index_am_handler'::pg_catalog.regtype,
    'pg_catalog.table_am_handler'::pg_catalog.regtype, 'pg_catalog.tsm_handler'::pg_catalog.regtype
  )
  and not 'pg_catalog.internal'::pg_catalog.regtype = any (p.proargtypes)
  and not exists (
    select from pg_catalog.pg_depend e
    where e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and e.objid = p.oid and e.deptype = 'e'
  )
