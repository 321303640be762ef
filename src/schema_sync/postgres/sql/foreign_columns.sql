-- Names of columns that a foreign key refers to in a relation outside the chosen schemas. Few keys do, so these are
-- found first (offset 0 keeps the planner from another order).
select a.attrelid::int8, n.nspname::text, c.relname::text, a.attname::text, a.attnum::int4
from (
  select k.confrelid, k.confkey
  from pg_catalog.pg_constraint k
  where k.contype = 'f'
    and k.conparentid = 0
    and k.connamespace = any (array(select s.oid from pg_catalog.pg_namespace s where s.nspname in (__SCHEMAS__)))
    and k.confrelid not in (
      select o.oid
      from pg_catalog.pg_class o
      where o.relnamespace in (select s.oid from pg_catalog.pg_namespace s where s.nspname in (__SCHEMAS__))
    )
  offset 0
) k
join pg_catalog.pg_class c on c.oid = k.confrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = any (k.confkey)
