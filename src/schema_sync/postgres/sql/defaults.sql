-- The text of those defaults that tell something: '[]' says that a json column holds an array, NULL that the default
-- is none. Domains may be over json, and a null is stored only where it is cast to a domain or a length. Of other
-- columns no update needs the text, and deparsing takes time.
select d.adrelid::int8, d.adnum::int4, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
from pg_catalog.pg_attrdef d
join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
join pg_catalog.pg_type t on t.oid = a.atttypid
join pg_catalog.pg_class c on c.oid = d.adrelid
where c.relnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in (__SCHEMAS__))
  and not c.relispartition
  and (
    t.oid in ('pg_catalog.json'::regtype, 'pg_catalog.jsonb'::regtype)
    or t.typtype = 'd'
    or (a.atttypmod >= 0 and pg_catalog.left(pg_catalog.pg_get_expr(d.adbin, d.adrelid), 4) = 'NULL')
  )
