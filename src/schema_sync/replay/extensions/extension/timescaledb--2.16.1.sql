-- The signatures of TimescaleDB 2.16 that migrations use. A hypertable stays an ordinary table; so it has the same
-- columns, which is what a schema is read for.
create function create_hypertable(relation regclass, time_column_name name, partitioning_column name default null,
  number_partitions integer default null, associated_schema_name name default null,
  associated_table_prefix name default null, chunk_time_interval anyelement default null::bigint,
  create_default_indexes boolean default true, if_not_exists boolean default false,
  partitioning_func regproc default null, migrate_data boolean default false,
  chunk_target_size text default null, chunk_sizing_func regproc default null,
  time_partitioning_func regproc default null)
  returns table (hypertable_id integer, schema_name name, table_name name, created boolean)
  language sql as 'select 1, null::name, null::name, true';
create type dimension_info as (column_name name, partitioning text);
create function by_range(column_name name, partition_interval anyelement default null::bigint,
  partition_func regproc default null) returns dimension_info
  language sql as 'select row(column_name, ''range'')::dimension_info';
create function by_hash(column_name name, number_partitions integer, partition_func regproc default null)
  returns dimension_info language sql return row(column_name, 'hash')::dimension_info;
create function create_hypertable(relation regclass, dimension dimension_info,
  create_default_indexes boolean default true, if_not_exists boolean default false,
  migrate_data boolean default false) returns table (hypertable_id integer, created boolean)
  language sql begin atomic select 1, true; end;
create function add_dimension(hypertable regclass, column_name name, number_partitions integer default null,
  chunk_time_interval anyelement default null::bigint, partitioning_func regproc default null,
  if_not_exists boolean default false) returns table (dimension_id integer, schema_name name, table_name name,
    column_name name, created boolean)
  language sql as 'select 1, null::name, null::name, null::name, true';
create function set_chunk_time_interval(hypertable regclass, chunk_time_interval anyelement,
  dimension_name name default null) returns void language sql as 'select';
create function add_retention_policy(relation regclass, drop_after "any", if_not_exists boolean default false,
  schedule_interval interval default null, initial_start timestamptz default null, timezone text default null)
  returns integer language internal as 'pg_backend_pid';
create function remove_retention_policy(relation regclass, if_exists boolean default false) returns void
  language sql return null;
create function add_compression_policy(hypertable regclass, compress_after "any" default null,
  if_not_exists boolean default false, schedule_interval interval default null) returns integer
  language internal as 'pg_backend_pid';
create function remove_compression_policy(hypertable regclass, if_exists boolean default false) returns boolean
  language sql return true;
create function add_continuous_aggregate_policy(continuous_aggregate regclass, start_offset "any",
  end_offset "any", schedule_interval interval, if_not_exists boolean default false) returns integer
  language internal as 'pg_backend_pid';
create function drop_chunks(relation regclass, older_than "any" default null, newer_than "any" default null)
  returns setof text language internal as 'pg_listening_channels';
create function time_bucket(bucket_width interval, ts timestamptz) returns timestamptz
  language sql immutable strict parallel safe return date_bin(bucket_width, ts, timestamptz '2000-01-03');
create function time_bucket(bucket_width interval, ts timestamp) returns timestamp
  language sql immutable strict parallel safe return date_bin(bucket_width, ts, timestamp '2000-01-03');
create function time_bucket(bucket_width interval, ts date) returns date
  language sql immutable strict parallel safe return date_bin(bucket_width, ts::timestamp, timestamp '2000-01-03')::date;
create function time_bucket(bucket_width integer, ts integer) returns integer
  language sql immutable strict parallel safe return ts / bucket_width * bucket_width;
create function time_bucket(bucket_width bigint, ts bigint) returns bigint
  language sql immutable strict parallel safe return ts / bucket_width * bucket_width;
create function first_of(anyelement, anyelement, anycompatible) returns anyelement
  language sql immutable parallel safe as 'select coalesce($1, $2)';
create function last_of(anyelement, anyelement, anycompatible) returns anyelement
  language sql immutable parallel safe as 'select coalesce($2, $1)';
create aggregate first(anyelement, anycompatible) (sfunc = first_of, stype = anyelement);
create aggregate last(anyelement, anycompatible) (sfunc = last_of, stype = anyelement);
