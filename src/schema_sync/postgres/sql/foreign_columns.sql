-- Names of columns that a foreign key refers to in a relation outside the chosen schemas.
select a.attrelid::int8, n.nspname::text, c.relname::text, a.attname::text, a.attnum::int4
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.confrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = any (k.confkey)
where k.connamespace in (select s.oid from pg_catalog.pg_namespace s where s.nspname in (__SCHEMAS__))
  and k.contype = 'f'
  and k.conparentid = 0
  and n.nspname not in (__SCHEMAS__)
