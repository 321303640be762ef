-- Types that are no part of every PostgreSQL, with the oid of their array type. Oids below 12000 are the
-- same everywhere; the domains of information_schema get theirs at initdb.
select t.oid::int8, t.typnamespace::int8, t.typname::text, t.typtype::text, t.typarray::int8,
       t.typbasetype::int8, t.typtypmod::int4, t.typnotnull, t.typdefault is not null
from pg_catalog.pg_type t
left join pg_catalog.pg_class c on c.oid = t.typrelid
where t.oid >= 12000
  and (t.typtype in ('d', 'e', 'r', 'm') or t.typtype = 'b' and t.typcategory <> 'A' or c.relkind = 'c')
