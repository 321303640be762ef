-- Extensions of the database, whatever schema they are in.
select e.extname as name, n.nspname as schema, e.extversion as version,
       pg_catalog.obj_description(e.oid, 'pg_extension') as comment
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
order by e.extname collate "C"
