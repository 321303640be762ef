-- Keys of relations. A key that a partition repeats from its parent has conparentid set.
select k.conrelid::int8, k.conname::text, k.contype::text, k.conkey, k.confrelid::int8, k.confkey,
       k.confdeltype::text, k.confupdtype::text
from pg_catalog.pg_constraint k
where k.connamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and k.contype in ('p', 'u', 'f')
  and k.conrelid <> 0
  and k.conparentid = 0
