-- Keys of relations. A key that a partition repeats from its parent has conparentid set. And, of any schema, the NOT
-- NULL constraints that are NOT VALID (PostgreSQL 18): rows from before may hold nulls.
select k.conrelid::int8, k.conname::text, k.contype::text, k.conkey, k.confrelid::int8, k.confkey,
       k.confdeltype::text, k.confupdtype::text
from pg_catalog.pg_constraint k
where k.conrelid <> 0
  and (
    k.contype in ('p', 'u', 'f')
    and k.conparentid = 0
    and k.connamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
    or k.contype = 'n' and not k.convalidated
  )
