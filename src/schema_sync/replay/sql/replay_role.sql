-- Makes `postgres` what it is in a Supabase project: no superuser, but the owner of nearly everything. Migrations run
-- as this role, so that a hostile one can start no program, read no file and load no library. Applied once, behind
-- the bootstrap, as the superuser. Authority: PostgreSQL manual, "Predefined Roles", "CREATE EXTENSION" (trusted),
-- "COPY"; CREATEROLE is harmless since PostgreSQL 16.
set client_min_messages = error;

do $$
declare
  each text;
begin
  for each in select rolname from pg_roles where rolname !~ '^pg_' and rolname not in ('postgres', current_user)
    union all values ('pg_monitor'), ('pg_read_all_data') loop
    execute format('grant %I to postgres with admin true, inherit true, set true', each);
  end loop;
  foreach each in array array['session_replication_role', 'log_statement', 'log_min_duration_statement',
    'log_min_messages', 'deadlock_timeout', 'track_functions'] loop
    execute format('grant set on parameter %I to postgres', each);
  end loop;
end $$;

-- This server is built without ICU. What a Supabase project has of its collations stands for "C" here, so that
-- columns can name them; nothing that a schema is read for depends on the order of texts.
do $$
declare
  each text;
begin
  foreach each in array array['und', 'af', 'am', 'ar', 'az', 'be', 'bg', 'bn', 'bs', 'ca', 'cs', 'cy', 'da', 'de', 'de-AT',
    'de-CH', 'de-DE', 'el', 'en', 'en-AU', 'en-CA', 'en-GB', 'en-IE', 'en-IN', 'en-NZ', 'en-US', 'en-US-u-va-posix',
    'en-ZA', 'es', 'es-419', 'es-AR', 'es-CL', 'es-CO', 'es-ES', 'es-MX', 'es-US', 'et', 'eu', 'fa', 'fi', 'fil', 'fr',
    'fr-BE', 'fr-CA', 'fr-CH', 'fr-FR', 'ga', 'gl', 'gu', 'he', 'hi', 'hr', 'hu', 'hy', 'id', 'is', 'it', 'it-IT', 'ja',
    'ja-JP', 'ka', 'kk', 'km', 'kn', 'ko', 'ko-KR', 'ky', 'lo', 'lt', 'lv', 'mk', 'ml', 'mn', 'mr', 'ms', 'my', 'nb',
    'ne', 'nl', 'nl-BE', 'nl-NL', 'nn', 'no', 'pa', 'pl', 'pl-PL', 'ps', 'pt', 'pt-BR', 'pt-PT', 'ro', 'ru', 'ru-RU',
    'si', 'sk', 'sl', 'sq', 'sr', 'sr-Cyrl', 'sr-Latn', 'sv', 'sv-SE', 'sw', 'ta', 'te', 'th', 'tr', 'tr-TR', 'uk',
    'ur', 'uz', 'vi', 'zh', 'zh-Hans', 'zh-Hans-CN', 'zh-Hant', 'zh-Hant-TW', 'zu'] loop
    execute format('create collation pg_catalog.%I from "C"', each || '-x-icu');
  end loop;
end $$;

-- Whom else Supabase lets own tables needs the right to create in their schemas.
do $$
declare
  each name;
begin
  for each in select nspname from pg_namespace where oid >= 16384 or nspname = 'public' loop
    execute format('grant all on schema %I to supabase_admin, supabase_auth_admin, supabase_storage_admin, '
      'supabase_functions_admin, supabase_realtime_admin, dashboard_user', each);
  end loop;
end $$;
alter default privileges for role postgres grant all on schemas to supabase_admin, supabase_auth_admin,
  supabase_storage_admin, supabase_functions_admin, supabase_realtime_admin, dashboard_user;

alter role postgres set createrole_self_grant = 'set, inherit';  -- so that it can be what it creates

create schema schema_sync_private;

-- Gives what the superuser made, itself or as the author of an extension, to postgres. A function whose use was
-- revoked from all stays the superuser's, for an owner could grant it to itself. The functions in C of some extensions
-- reach other servers, sessions, files or the server's own memory: migrations may create and name them, but not call
-- them.
create function schema_sync_private.give() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  giver constant oid := (select nspowner from pg_namespace where nspname = 'schema_sync_private');
  taker constant oid := 'postgres'::regrole;
  kept constant oid := 'schema_sync_private'::regnamespace;
  withheld constant name[] := array['amcheck', 'dblink', 'pg_buffercache', 'pg_prewarm', 'pgrowlocks', 'pgstattuple',
    'postgres_fdw'];
begin
  update pg_proc set proacl = array[makeaclitem(giver, giver, 'EXECUTE', false)]
    from pg_depend, pg_extension, pg_language
    where proowner = giver and classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
      and refobjid = pg_extension.oid and extname = any(withheld) and prolang = pg_language.oid and lanname = 'c';
  update pg_namespace set nspowner = taker, nspacl = replace(nspacl::text, giver::regrole::text, 'postgres')::aclitem[]
    where nspowner = giver and oid >= 16384 and oid <> kept;
  update pg_class set relowner = taker, relacl = replace(relacl::text, giver::regrole::text, 'postgres')::aclitem[]
    where relowner = giver and oid >= 16384;
  update pg_type set typowner = taker where typowner = giver and oid >= 16384;
  update pg_proc set proowner = taker
    where proowner = giver and oid >= 16384 and pronamespace <> kept and proacl is null;
  update pg_operator set oprowner = taker where oprowner = giver and oid >= 16384;
  update pg_opclass set opcowner = taker where opcowner = giver and oid >= 16384;
  update pg_opfamily set opfowner = taker where opfowner = giver and oid >= 16384;
  update pg_publication set pubowner = taker where pubowner = giver;
  update pg_extension set extowner = taker where extowner = giver and oid >= 16384;
  update pg_foreign_data_wrapper set fdwowner = taker where fdwowner = giver;
end $$;

create function schema_sync_private.on_extension() returns event_trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$ begin perform schema_sync_private.give(); end $$;
create event trigger schema_sync_extension on ddl_command_end when tag in ('CREATE EXTENSION', 'ALTER EXTENSION')
  execute function schema_sync_private.on_extension();
alter event trigger schema_sync_extension enable always;  -- also where a migration sets session_replication_role
select schema_sync_private.give();

-- A foreign table can be declared, but not read: reading it connects to another server, and postgres_fdw connects for
-- no role but a superuser without a password in the user mapping.
create function schema_sync_private.on_user_mapping() returns event_trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  update pg_user_mapping set umoptions = null where not (select rolsuper from pg_roles where rolname = session_user);
end $$;
create event trigger schema_sync_user_mapping on ddl_command_end when tag in ('CREATE USER MAPPING', 'ALTER USER MAPPING')
  execute function schema_sync_private.on_user_mapping();
alter event trigger schema_sync_user_mapping enable always;

reset client_min_messages;
