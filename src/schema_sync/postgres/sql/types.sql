-- Types that are no part of every PostgreSQL, with the oid of their array type, and whether a function casts
-- them to json (to_json then calls it). Oids below 12000 are the same everywhere; the domains of
-- information_schema get theirs at initdb.
select t.oid::int8, t.typnamespace::int8, t.typname::text, t.typtype::text, t.typarray::int8,
       t.typbasetype::int8, t.typtypmod::int4, t.typnotnull, t.typdefault is not null,
       k.castfunc <> 0 and k.castmethod = 'f'
from pg_catalog.pg_type t
left join pg_catalog.pg_cast k on k.castsource = t.oid and k.casttarget = 'pg_catalog.json'::pg_catalog.regtype
where t.oid >= 12000
  and (
    t.typtype in ('d', 'e', 'r', 'm')
    or t.typtype = 'b' and t.typcategory <> 'A'
    or t.typtype = 'c' and t.typrelid in (select c.oid from pg_catalog.pg_class c where c.relkind = 'c')
  )
