-- Handlers of Supabase's wrappers 0.5, borrowed from postgres_fdw, and validators that accept any option: foreign
-- tables can be declared, not read.
do $$
declare fdw text;
begin
  foreach fdw in array array['airtable', 'auth0', 'big_query', 'click_house', 'clerk', 'cognito', 'duckdb',
    'firebase', 'hello_world', 'iceberg', 'logflare', 'mssql', 'redis', 's3', 's3vectors', 'stripe', 'wasm'] loop
    execute pg_catalog.format('create function %I() returns fdw_handler strict language c'
      ' as ''$libdir/postgres_fdw'', ''postgres_fdw_handler''', fdw || '_fdw_handler');
    execute pg_catalog.format('create function %I(options text[], catalog oid) returns void language plpgsql as ''begin end''',
      fdw || '_fdw_validator');
    execute pg_catalog.format('create function %I() returns table (name text, version text, author text, website text)'
      ' language sql begin atomic select null::text, null::text, null::text, null::text where false; end',
      fdw || '_fdw_meta');
  end loop;
end $$;
create table wrappers_fdw_stats (
  fdw_name text not null primary key, create_times bigint, rows_in bigint, rows_out bigint, bytes_in bigint,
  bytes_out bigint, metadata jsonb, created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
