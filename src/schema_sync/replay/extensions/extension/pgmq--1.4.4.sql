-- Signatures of pgmq 1.4, in its schema pgmq. Queues are made as tables, as pgmq makes them; nothing is delivered.
do $$ begin if to_regnamespace('pgmq') is null then create schema pgmq; end if; end $$;
create table pgmq.meta (
  queue_name varchar unique not null, is_partitioned boolean not null, is_unlogged boolean not null,
  created_at timestamptz not null default now()
);
create type pgmq.message_record as (msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz,
  message jsonb);
create type pgmq.queue_record as (queue_name varchar, is_partitioned boolean, is_unlogged boolean,
  created_at timestamptz);
create type pgmq.metrics_result as (queue_name text, queue_length bigint, newest_msg_age_sec integer,
  oldest_msg_age_sec integer, total_messages bigint, scrape_time timestamptz);
create function pgmq.format_table_name(queue_name text, prefix text) returns text language sql immutable
  return lower(prefix || '_' || queue_name);
create function pgmq.create_non_partitioned(queue_name text) returns void language plpgsql as $f$
begin
  execute format('create table if not exists pgmq.%I (msg_id bigint primary key generated always as identity,'
    ' read_ct integer not null default 0, enqueued_at timestamptz not null default now(),'
    ' vt timestamptz not null, message jsonb)', pgmq.format_table_name(queue_name, 'q'));
  execute format('create table if not exists pgmq.%I (msg_id bigint primary key, read_ct integer not null default 0,'
    ' enqueued_at timestamptz not null default now(), archived_at timestamptz not null default now(),'
    ' vt timestamptz not null, message jsonb)', pgmq.format_table_name(queue_name, 'a'));
  insert into pgmq.meta values (queue_name, false, false) on conflict do nothing;
end $f$;
create function pgmq."create"(queue_name text) returns void language sql
  return pgmq.create_non_partitioned(queue_name);
create function pgmq.create_unlogged(queue_name text) returns void language sql
  return pgmq.create_non_partitioned(queue_name);
create function pgmq.create_partitioned(queue_name text, partition_interval text default '10000',
  retention_interval text default '100000') returns void language sql
  return pgmq.create_non_partitioned(queue_name);
create function pgmq.drop_queue(queue_name text, partitioned boolean) returns boolean language plpgsql as $f$
begin
  execute format('drop table if exists pgmq.%I, pgmq.%I', pgmq.format_table_name(queue_name, 'q'),
    pgmq.format_table_name(queue_name, 'a'));
  delete from pgmq.meta m where m.queue_name = drop_queue.queue_name;
  return true;
end $f$;
create function pgmq.drop_queue(queue_name text) returns boolean language sql
  return pgmq.drop_queue(queue_name, false);
create function pgmq.detach_archive(queue_name text) returns void language sql return null;
create function pgmq.purge_queue(queue_name text) returns bigint language sql return 0::bigint;
create function pgmq.send(queue_name text, msg jsonb) returns setof bigint language sql begin atomic
  select 0::bigint;
end;
create function pgmq.send(queue_name text, msg jsonb, delay integer) returns setof bigint language sql begin atomic
  select 0::bigint;
end;
create function pgmq.send(queue_name text, msg jsonb, delay timestamptz) returns setof bigint
  language sql begin atomic select 0::bigint; end;
create function pgmq.send_batch(queue_name text, msgs jsonb[], delay integer default 0) returns setof bigint
  language sql begin atomic select 0::bigint; end;
create function pgmq.read(queue_name text, vt integer, qty integer, conditional jsonb default '{}')
  returns setof pgmq.message_record language sql begin atomic
  select (null::pgmq.message_record).* where false;
end;
create function pgmq.read_with_poll(queue_name text, vt integer, qty integer, max_poll_seconds integer default 5,
  poll_interval_ms integer default 100, conditional jsonb default '{}') returns setof pgmq.message_record
  language sql begin atomic select (null::pgmq.message_record).* where false; end;
create function pgmq.pop(queue_name text) returns setof pgmq.message_record
  language sql begin atomic select (null::pgmq.message_record).* where false; end;
create function pgmq.set_vt(queue_name text, msg_id bigint, vt integer) returns setof pgmq.message_record
  language sql begin atomic select (null::pgmq.message_record).* where false; end;
create function pgmq.delete(queue_name text, msg_id bigint) returns boolean language sql return true;
create function pgmq.delete(queue_name text, msg_ids bigint[]) returns setof bigint
  language sql begin atomic select unnest(msg_ids); end;
create function pgmq.archive(queue_name text, msg_id bigint) returns boolean language sql return true;
create function pgmq.archive(queue_name text, msg_ids bigint[]) returns setof bigint
  language sql begin atomic select unnest(msg_ids); end;
create function pgmq.list_queues() returns setof pgmq.queue_record
  language sql begin atomic select * from pgmq.meta; end;
create function pgmq.metrics(queue_name text) returns pgmq.metrics_result language sql
  return row(queue_name, 0, null, null, 0, now())::pgmq.metrics_result;
create function pgmq.metrics_all() returns setof pgmq.metrics_result
  language sql begin atomic select (pgmq.metrics(queue_name)).* from pgmq.meta; end;
create function pgmq.validate_queue_name(queue_name text) returns void language sql return null;
