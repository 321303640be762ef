-- Every schema: to name types, and to tell an unknown schema from an empty one.
select oid::int8, nspname::text from pg_catalog.pg_namespace
