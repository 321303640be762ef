-- Of the names in the parameter: relations and functions that exist, and whether they are found without a schema.
select 'table', relname::text, bool_or(pg_catalog.pg_table_is_visible(oid))
from pg_catalog.pg_class where relname = any (%(names)s) group by relname
union all
select 'function', proname::text, bool_or(pg_catalog.pg_function_is_visible(oid))
from pg_catalog.pg_proc where proname = any (%(names)s) group by proname
union all
-- Schemas that the database has from its template: they are older than it is.
select 'platform', nspname::text, false
from pg_catalog.pg_namespace where nspname not in ('public', 'pg_catalog', 'information_schema')
and oid < (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
union all
-- Extensions of a replay that do not have all functions; those that are not listed here have the names of all.
select 'stand-in', name::text, false
from pg_catalog.pg_available_extensions where installed_version is not null and comment like 'stand-in:%%'
and name not in ('pgcrypto', 'uuid-ossp', 'pgjwt', 'pg_graphql', 'supabase_vault')
