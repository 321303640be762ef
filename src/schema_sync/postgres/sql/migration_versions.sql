-- The versions that Supabase's CLI has recorded as applied.
select pg_catalog.left(version::text, 64)::text from only supabase_migrations.schema_migrations limit 100000
