-- Whether all rows of the table in which Supabase's CLI records applied migrations can be read; no row without it.
-- Reading a plain table without policies runs no code of the database's.
select (c.relkind = 'r' and a.atttypid in (25, 1043)
        and pg_catalog.has_schema_privilege(n.oid, 'usage')
        and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
        and not pg_catalog.row_security_active(c.oid))::bool
from pg_catalog.pg_namespace n
join pg_catalog.pg_class c on c.relnamespace = n.oid
join pg_catalog.pg_attribute a on a.attrelid = c.oid
where n.nspname = 'supabase_migrations' and c.relname = 'schema_migrations' and a.attname = 'version'
