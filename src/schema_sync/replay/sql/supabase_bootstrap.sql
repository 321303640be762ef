-- What a new Supabase project's database holds before its first migration, as far as migrations refer to it:
-- roles, schemas, extensions, the tables and functions of auth, storage, realtime and vault, and the default
-- privileges. It serves reading a schema, not running the services. Applied once, to an empty cluster, as its
-- superuser, which is not `postgres`: replay_role.sql comes next.
set client_min_messages = error;  -- a publication warns that wal_level is minimal, which is meant

-- roles (cluster wide)
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator nologin noinherit;
grant anon, authenticated, service_role to authenticator;
create role supabase_admin createdb createrole replication bypassrls nologin;
create role dashboard_user nologin createdb createrole replication;
create role pgbouncer nologin;
create role supabase_auth_admin nologin noinherit createrole;
create role supabase_storage_admin nologin noinherit createrole;
create role supabase_functions_admin nologin noinherit createrole;
create role supabase_realtime_admin nologin noinherit;
create role supabase_replication_admin nologin replication;
create role supabase_read_only_user nologin bypassrls;
create role supabase_etl_admin nologin replication;
create role supabase_privileged_role nologin;
create role pgsodium_keyiduser nologin;
create role pgsodium_keyholder nologin;
create role pgsodium_keymaker nologin;
create role pgtle_admin nologin;
create role cli_login_postgres nologin;
alter role postgres set search_path = "$user", public, extensions;
alter role current_user set search_path = "$user", public, extensions;

-- schemas
create schema extensions;
create schema auth;
create schema storage;
create schema realtime;
create schema _realtime;
create schema _analytics;
create schema graphql;
create schema graphql_public;
create schema vault;
create schema pgsodium;
create schema pgsodium_masks;
create schema pgbouncer;
create schema supabase_functions;
create schema supabase_migrations;
set search_path = public, extensions;

-- extensions that every project has; a server before PostgreSQL 18 may lack one, and cannot load a stand-in
do $$
declare
  wanted text[];
begin
  foreach wanted slice 1 in array array[['uuid-ossp', 'extensions'], ['pgcrypto', 'extensions'],
    ['pg_stat_statements', 'extensions'], ['pg_graphql', 'graphql'], ['supabase_vault', 'vault']] loop
    if exists (select from pg_available_extensions available where available.name = wanted[1]) then
      execute format('create extension %I with schema %I', wanted[1], wanted[2]);
    end if;
  end loop;
end $$;

-- auth
create type auth.aal_level as enum ('aal1','aal2','aal3');
create type auth.code_challenge_method as enum ('s256','plain');
create type auth.factor_status as enum ('unverified','verified');
create type auth.factor_type as enum ('totp','webauthn','phone');
create type auth.one_time_token_type as enum ('confirmation_token','reauthentication_token','recovery_token',
  'email_change_token_new','email_change_token_current','phone_change_token');

create table auth.users (
  instance_id uuid, id uuid not null primary key, aud varchar(255), role varchar(255), email varchar(255),
  encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
  confirmation_token varchar(255), confirmation_sent_at timestamptz, recovery_token varchar(255),
  recovery_sent_at timestamptz, email_change_token_new varchar(255), email_change varchar(255),
  email_change_sent_at timestamptz, last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb,
  is_super_admin boolean, created_at timestamptz, updated_at timestamptz, phone text unique,
  phone_confirmed_at timestamptz, phone_change text default '', phone_change_token varchar(255) default '',
  phone_change_sent_at timestamptz,
  confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
  email_change_token_current varchar(255) default '', email_change_confirm_status smallint default 0,
  banned_until timestamptz, reauthentication_token varchar(255) default '', reauthentication_sent_at timestamptz,
  is_sso_user boolean not null default false, deleted_at timestamptz, is_anonymous boolean not null default false
);
create table auth.identities (
  provider_id text not null, user_id uuid not null references auth.users on delete cascade,
  identity_data jsonb not null, provider text not null, last_sign_in_at timestamptz, created_at timestamptz,
  updated_at timestamptz, email text generated always as (lower(identity_data ->> 'email')) stored,
  id uuid not null default gen_random_uuid() primary key, unique (provider_id, provider)
);
create table auth.sessions (
  id uuid not null primary key, user_id uuid not null references auth.users on delete cascade,
  created_at timestamptz, updated_at timestamptz, factor_id uuid, aal auth.aal_level, not_after timestamptz,
  refreshed_at timestamp, user_agent text, ip inet, tag text, oauth_client_id uuid
);
create table auth.refresh_tokens (
  instance_id uuid, id bigserial primary key, token varchar(255) unique, user_id varchar(255), revoked boolean,
  created_at timestamptz, updated_at timestamptz, parent varchar(255),
  session_id uuid references auth.sessions on delete cascade
);
create table auth.instances (id uuid primary key, uuid uuid, raw_base_config text, created_at timestamptz, updated_at timestamptz);
create table auth.audit_log_entries (instance_id uuid, id uuid primary key, payload json, created_at timestamptz,
  ip_address varchar(64) not null default '');
create table auth.schema_migrations (version varchar(255) primary key);
create table auth.mfa_factors (id uuid primary key, user_id uuid not null references auth.users on delete cascade,
  friendly_name text, factor_type auth.factor_type not null, status auth.factor_status not null,
  created_at timestamptz not null, updated_at timestamptz not null, secret text, phone text,
  last_challenged_at timestamptz, web_authn_credential jsonb, web_authn_aaguid uuid);
create table auth.mfa_challenges (id uuid primary key, factor_id uuid not null references auth.mfa_factors on delete cascade,
  created_at timestamptz not null, verified_at timestamptz, ip_address inet not null, otp_code text, web_authn_session_data jsonb);
create table auth.mfa_amr_claims (session_id uuid not null references auth.sessions on delete cascade, created_at timestamptz not null,
  updated_at timestamptz not null, authentication_method text not null, id uuid primary key, unique (session_id, authentication_method));
create table auth.flow_state (id uuid primary key, user_id uuid, auth_code text not null,
  code_challenge_method auth.code_challenge_method not null, code_challenge text not null, provider_type text not null,
  provider_access_token text, provider_refresh_token text, created_at timestamptz, updated_at timestamptz,
  authentication_method text not null, auth_code_issued_at timestamptz);
create table auth.sso_providers (id uuid primary key, resource_id text, created_at timestamptz, updated_at timestamptz, disabled boolean);
create table auth.sso_domains (id uuid primary key, sso_provider_id uuid not null references auth.sso_providers on delete cascade,
  domain text not null, created_at timestamptz, updated_at timestamptz);
create table auth.saml_providers (id uuid primary key, sso_provider_id uuid not null references auth.sso_providers on delete cascade,
  entity_id text not null unique, metadata_xml text not null, metadata_url text, attribute_mapping jsonb,
  created_at timestamptz, updated_at timestamptz, name_id_format text);
create table auth.saml_relay_states (id uuid primary key, sso_provider_id uuid not null references auth.sso_providers on delete cascade,
  request_id text not null, for_email text, redirect_to text, created_at timestamptz, updated_at timestamptz,
  flow_state_id uuid references auth.flow_state on delete cascade);
create table auth.one_time_tokens (id uuid primary key, user_id uuid not null references auth.users on delete cascade,
  token_type auth.one_time_token_type not null, token_hash text not null, relates_to text not null,
  created_at timestamp not null default now(), updated_at timestamp not null default now());

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
create function auth.uid() returns uuid language sql stable as $$ select (auth.jwt() ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable as $$ select auth.jwt() ->> 'role' $$;
create function auth.email() returns text language sql stable as $$ select auth.jwt() ->> 'email' $$;

-- storage
create type storage.buckettype as enum ('STANDARD','ANALYTICS','VECTOR');
create table storage.buckets (
  id text primary key, name text not null unique, owner uuid, created_at timestamptz default now(), updated_at timestamptz default now(),
  public boolean default false, avif_autodetection boolean default false, file_size_limit bigint,
  allowed_mime_types text[], owner_id text, type storage.buckettype not null default 'STANDARD'
);
create table storage.objects (
  id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets, name text, owner uuid,
  created_at timestamptz default now(), updated_at timestamptz default now(), last_accessed_at timestamptz default now(),
  metadata jsonb, path_tokens text[] generated always as (string_to_array(name, '/')) stored, version text, owner_id text,
  user_metadata jsonb, level integer, unique (bucket_id, name)
);
create table storage.migrations (id integer primary key, name varchar(100) unique not null, hash varchar(40) not null, executed_at timestamp default now());
create table storage.prefixes (bucket_id text references storage.buckets, name text, level integer, created_at timestamptz default now(),
  updated_at timestamptz default now(), primary key (bucket_id, level, name));
create table storage.s3_multipart_uploads (id text primary key, in_progress_size bigint not null default 0, upload_signature text not null,
  bucket_id text not null references storage.buckets, key text not null, version text not null, owner_id text,
  created_at timestamptz not null default now(), user_metadata jsonb);
create table storage.s3_multipart_uploads_parts (id uuid primary key default gen_random_uuid(), upload_id text not null references storage.s3_multipart_uploads,
  size bigint not null default 0, part_number integer not null, bucket_id text not null references storage.buckets, key text not null,
  etag text not null, owner_id text, version text not null, created_at timestamptz not null default now());
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
create function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name,'/'))[1:greatest(cardinality(string_to_array(name,'/'))-1,0)] $$;
create function storage.filename(name text) returns text language sql immutable as $$
  select (string_to_array(name,'/'))[cardinality(string_to_array(name,'/'))] $$;
create function storage.extension(name text) returns text language sql immutable as $$
  select reverse(split_part(reverse(name),'.',1)) $$;
create function storage.get_size_by_bucket() returns table(size bigint, bucket_id text) language sql as $$
  select sum((metadata->>'size')::bigint)::bigint, bucket_id from storage.objects group by bucket_id $$;
create function storage.search(prefix text, bucketname text, limits integer default 100, levels integer default 1, offsets integer default 0)
  returns table(name text, id uuid, updated_at timestamptz, created_at timestamptz, last_accessed_at timestamptz, metadata jsonb)
  language sql as $$ select null::text,null::uuid,null::timestamptz,null::timestamptz,null::timestamptz,null::jsonb where false $$;
create function storage.update_updated_at_column() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
create function storage.objects_insert_prefix_trigger() returns trigger language plpgsql as $$ begin return new; end $$;
create function storage.objects_update_prefix_trigger() returns trigger language plpgsql as $$ begin return new; end $$;
create function storage.delete_prefix_hierarchy_trigger() returns trigger language plpgsql as $$ begin return old; end $$;
create function storage.prefixes_insert_trigger() returns trigger language plpgsql as $$ begin return new; end $$;
create function storage.enforce_bucket_name_length() returns trigger language plpgsql as $$ begin return new; end $$;
create function storage.protect_delete() returns trigger language plpgsql as $$ begin return null; end $$;
-- real projects carry these triggers, and dumps drop them without IF EXISTS
create trigger objects_delete_delete_prefix after delete on storage.objects for each row execute function storage.delete_prefix_hierarchy_trigger();
create trigger objects_insert_create_prefix before insert on storage.objects for each row execute function storage.objects_insert_prefix_trigger();
create trigger objects_update_create_prefix before update on storage.objects for each row execute function storage.objects_update_prefix_trigger();
create trigger update_objects_updated_at before update on storage.objects for each row execute function storage.update_updated_at_column();
create trigger prefixes_create_hierarchy before insert on storage.prefixes for each row execute function storage.prefixes_insert_trigger();
create trigger prefixes_delete_hierarchy after delete on storage.prefixes for each row execute function storage.delete_prefix_hierarchy_trigger();

-- realtime
create publication supabase_realtime;
create table realtime.messages (topic text not null, extension text not null, payload jsonb, event text, private boolean default false,
  updated_at timestamp not null default now(), inserted_at timestamp not null default now(), id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)) partition by range (inserted_at);
alter table realtime.messages enable row level security;
create table realtime.subscription (id bigint generated always as identity primary key, subscription_id uuid not null, entity regclass not null,
  claims jsonb not null, created_at timestamp not null default now());
create table realtime.schema_migrations (version bigint primary key, inserted_at timestamp);
create function realtime.topic() returns text language sql stable as $$ select nullif(current_setting('realtime.topic', true), '') $$;
create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language sql as $$ select $$;
create function realtime.broadcast_changes(topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW') returns void language plpgsql as $$ begin end $$;

-- functions / graphql / pgbouncer / platform helpers
create table supabase_functions.migrations (version text primary key, inserted_at timestamptz not null default now());
create table supabase_functions.hooks (id bigserial primary key, hook_table_id integer not null, hook_name text not null,
  created_at timestamptz not null default now(), request_id bigint);
create function supabase_functions.http_request() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
create function graphql_public.graphql("operationName" text default null, query text default null, variables jsonb default null,
  extensions jsonb default null) returns jsonb language sql as $$ select '{}'::jsonb $$;
create function pgbouncer.get_auth(p_usename text) returns table(username text, password text) language sql as $$ select null::text, null::text where false $$;
create function extensions.grant_pg_cron_access() returns event_trigger language plpgsql as $$ begin end $$;
create function extensions.grant_pg_net_access() returns event_trigger language plpgsql as $$ begin end $$;
create function extensions.grant_pg_graphql_access() returns event_trigger language plpgsql as $$ begin end $$;
create function extensions.set_graphql_placeholder() returns event_trigger language plpgsql as $$ begin end $$;
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as $$ begin end $$;
create function extensions.pgrst_drop_watch() returns event_trigger language plpgsql as $$ begin end $$;

grant usage on schema public, extensions, auth, storage, realtime, graphql_public to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;

reset search_path;
reset client_min_messages;
