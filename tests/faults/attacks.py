"""Migrations that try to get out of the embedded server: to its superuser, to programs, files or the network.

``{mark}`` is a file that the server's user may write, ``{secret}`` one that it may read, ``{socket}`` the server's
folder, ``{port}`` a TCP port of this machine that is listened to. All but HARMLESS have to be refused; those run,
and have to leave no mark, no connection and no superuser.
"""

from __future__ import annotations

_AS_SUPERUSER = "host={socket} port=5432 user=schema_sync dbname=postgres"
_FDW = (
    "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw"
    " options (host '{socket}', dbname 'postgres');"
    "create user mapping for postgres server s options (user 'schema_sync'{mapping});"
)
_TABLE = (
    "create foreign table f (rolname name) server s options (schema_name 'pg_catalog', table_name 'pg_roles');"
)
_PROGRAM = "copy (select 1) to program ''touch {mark}''"


def _linked(call: str) -> str:
    return f"create extension dblink; select {call}"


def _in_block(statement: str) -> str:
    quoted = statement.replace("'", "''")
    return f"do $x$ begin execute '{quoted}'; end $x$"


def _hijack(extension: str) -> str:
    """Offer the script of an extension, which the superuser runs, another function than the one it means."""
    return f"""
    create schema evil;
    create function evil.format(text, text) returns text language plpgsql as $f$
      begin execute 'alter role postgres superuser'; return pg_catalog.format($1, $2); end $f$;
    create function evil.format(text, text, text) returns text language plpgsql as $f$
      begin execute 'alter role postgres superuser'; return pg_catalog.format($1, $2, $3); end $f$;
    create function evil.replace(varchar, varchar, varchar) returns text language plpgsql as $f$
      begin execute 'alter role postgres superuser'; return pg_catalog.replace($1, $2, $3); end $f$;
    create extension {extension} schema evil cascade;
    """


ATTACKS = {
    # programs
    "program": "copy (select 1) to program 'touch {mark}'",
    "program, read from": "create table t (a text); copy t from program 'touch {mark}'",
    "program, in a block": f"do $$ begin execute '{_PROGRAM}'; end $$",
    "program, in a function of its definer": (
        f"create function f() returns void language plpgsql security definer as $$ begin execute '{_PROGRAM}';"
        " end $$; select f()"
    ),
    "program, in a trigger": (
        "create table t (a int); create function f() returns trigger language plpgsql as"
        f" $$ begin execute '{_PROGRAM}'; return new; end $$;"
        "create trigger t before insert on t for each row execute function f(); insert into t values (1)"
    ),
    "program, as supabase_admin": "set role supabase_admin; copy (select 1) to program 'touch {mark}'",
    "program, as a new role": (
        "create role evil in role pg_execute_server_program; set role evil; copy (select 1) to program 'touch {mark}'"
    ),
    "program, from a query": "select query_to_xml('copy (select 1) to program ''touch {mark}''', true, true, '')",
    # files
    "file, read": "create table t (a text); copy t from '{secret}'",
    "file, written": "copy (select 1) to '{mark}'",
    "file, by function": "select pg_read_file('{secret}')",
    "file, by function, binary": "select pg_read_binary_file('{secret}')",
    "file, its state": "select pg_stat_file('{secret}')",
    "folder": "select pg_ls_dir('/')",
    "large object, read": "select lo_import('{secret}')",
    "large object, read as": "select lo_import('{secret}', 424242)",
    "large object, written": "select lo_export(lo_from_bytea(0, 'x'), '{mark}')",
    "file as table": "create extension file_fdw",
    "file as table, as supabase_admin": "set role supabase_admin; create extension file_fdw",
    "pages of files": "create extension pageinspect",
    "tablespace": "create tablespace evil location '/tmp'",
    "dictionary outside of its folder": (
        "create text search dictionary evil (template = ispell, dictfile = '../../../../../../etc/passwd',"
        " afffile = 'x')"
    ),
    "thesaurus outside of its folder": (
        "create text search dictionary evil (template = synonym, synonyms = '/etc/passwd')"
    ),
    "entity of XML": """select xmlparse(document '<!DOCTYPE a [<!ENTITY b SYSTEM "file://{secret}">]><a>&b;</a>')""",
    # the server and its settings
    "settings of the server": "alter system set archive_command = 'touch {mark}'",
    "settings of the server, to be reset": "alter system reset all",
    "login rules": "alter system set hba_file = '{secret}'",
    "archive_command": "set archive_command = 'touch {mark}'",
    "log_directory": "set log_directory = '/tmp'",
    "reload": "select pg_reload_conf()",
    "log file": "select pg_rotate_logfile()",
    "backup": "select pg_backup_start('x')",
    "promotion": "select pg_promote()",
    "restore point": "select pg_create_restore_point('x')",
    "settings of files": "select pg_show_all_file_settings()",
    # libraries and languages
    "library": "load '{secret}'",
    "library of the server": "load '$libdir/dblink'",
    "library path": "set dynamic_library_path = '/tmp'",
    "extension path": "set extension_control_path = '/tmp'",
    "library, for the session": "set session_preload_libraries = '{secret}'",
    "function in C": ("create function f() returns int language c as '/lib/x86_64-linux-gnu/libc.so.6', 'getpid'"),
    "function in C, of the server": (
        "create function f(text) returns text language c as '$libdir/dblink', 'dblink_connect'"
    ),
    "internal function": "create function f(text) returns text language internal as 'pg_read_file_all'",
    "internal function, instead of one of an extension": (
        "create extension hstore; create or replace function hstore(text, text) returns hstore language internal"
        " as 'pg_read_file_all'"
    ),
    "language, with another's handler": "create language evil handler plpgsql_call_handler",
    "language, trusted": "update pg_language set lanpltrusted = true where lanname = 'c'",
    "base type": "create type evil; create type evil (input = textin, output = textout)",
    "cast without function": "create cast (text as integer) without function",
    "access method": "create access method evil type index handler bthandler",
    "text search template": "create text search template evil (lexize = dsimple_lexize)",
    # the superuser
    "superuser of its own": "create role evil superuser",
    "itself as superuser": "alter role postgres superuser",
    "itself as superuser, by catalog": "update pg_authid set rolsuper = true",
    "itself as member, by catalog": (
        "insert into pg_auth_members values (1, 10, 'postgres'::regrole, 10, true, true, true)"
    ),
    "supabase_admin as superuser": "alter role supabase_admin superuser",
    "superuser, as dashboard_user": "set role dashboard_user; create role evil superuser",
    "the superuser's role": "set role schema_sync",
    "the superuser's role, in a function": (
        "create function f() returns void language sql set role = 'schema_sync' as 'select'; select f()"
    ),
    "the superuser's session": "set session authorization schema_sync",
    "the superuser's membership": "grant schema_sync to postgres",
    "the superuser's password": "alter role schema_sync password 'x'",
    "the superuser's name": "alter role schema_sync rename to evil",
    "the superuser's objects": "reassign owned by schema_sync to postgres",
    "the superuser's function": (
        "create function f() returns void language sql security definer as 'select';"
        "alter function f() owner to schema_sync"
    ),
    "the superuser's defaults": "alter default privileges for role schema_sync grant all on functions to postgres",
    "right to programs": "grant pg_execute_server_program to postgres",
    "right to files": "grant pg_read_server_files to anon",
    "right to write files": "grant pg_write_server_files to anon",
    "right to sessions": "grant pg_signal_backend to postgres",
    "right to subscriptions": "grant pg_create_subscription to postgres",
    "role with a right": "set role pg_execute_server_program",
    # other servers, and this one through the back
    "dblink": _linked(f"dblink_connect('{_AS_SUPERUSER}')"),
    "dblink, unasked": _linked(
        f"dblink_connect_u('x', '{_AS_SUPERUSER}'); select dblink_exec('x', $$ copy (select 1) to program"
        " 'touch {mark}' $$)"
    ),
    "dblink, granted to itself": (
        "create extension dblink; grant execute on function dblink_connect_u(text) to postgres;"
        f"select dblink_connect_u('{_AS_SUPERUSER}')"
    ),
    "dblink, owned": (
        "create extension dblink; alter function dblink_connect_u(text) owner to postgres;"
        f"select dblink_connect_u('{_AS_SUPERUSER}')"
    ),
    "dblink, as a replica": (
        "set session_replication_role = replica; create extension dblink;"
        f"select dblink_connect_u('{_AS_SUPERUSER}')"
    ),
    "dblink, in another schema": f"create schema x; create extension dblink schema x; select x.dblink('{_AS_SUPERUSER}', 'x')",
    "dblink, by its first version": (
        f"create extension dblink version '1.0' cascade; select dblink_connect('{_AS_SUPERUSER}')"
    ),
    "dblink, in a block": _in_block("create extension dblink") + f"; select dblink_exec('{_AS_SUPERUSER}', 'x')",
    "dblink, in a view": (
        f"create extension dblink; create view v as select * from dblink('{_AS_SUPERUSER}', 'x') as t (a int);"
        "select * from v"
    ),
    "dblink, as its definer": (
        "create extension dblink; create function f() returns text language sql security definer as"
        f" $$ select dblink_connect('{_AS_SUPERUSER}') $$; select f()"
    ),
    "dblink, to the network": _linked("dblink_connect('host=127.0.0.1 port={port} password=x')"),
    "dblink, to the network, queued": _linked("dblink_send_query('host=127.0.0.1 port={port}', 'x')"),
    "dblink, and its event trigger off": "set event_triggers = off; create extension dblink",
    "foreign table": _FDW.replace("{mapping}", ", password_required 'false'") + _TABLE + "select * from f",
    "foreign table, as a replica": (
        "set session_replication_role = replica;"
        + _FDW.replace("{mapping}", ", password 'x'")
        + _TABLE
        + "select * from f"
    ),
    "foreign table, with a new password": (
        _FDW.replace("{mapping}", "")
        + _TABLE
        + "alter user mapping for postgres server s options (add password 'x'); select * from f"
    ),
    "foreign table, with a password of SCRAM": (
        _FDW.replace("{mapping}", "")
        + _TABLE
        + "alter server s options (add use_scram_passthrough 'true'); select * from f"
    ),
    "foreign table, without a password": _FDW.replace("{mapping}", "") + _TABLE + "select * from f",
    "foreign table, to the network": (
        "create extension postgres_fdw; create server s foreign data wrapper postgres_fdw"
        " options (host '127.0.0.1', port '{port}');"
        "create user mapping for postgres server s options (user 'x', password 'x');" + _TABLE + "select * from f"
    ),
    "foreign table, written": (
        _FDW.replace("{mapping}", ", password 'x'") + _TABLE + "insert into f values ('evil')"
    ),
    "foreign schema": (
        _FDW.replace("{mapping}", ", password 'x'") + "import foreign schema pg_catalog from server s into public"
    ),
    "foreign table, analysed": _FDW.replace("{mapping}", ", password 'x'") + _TABLE + "analyze f; select * from f",
    "wrapper's handler": ("create extension postgres_fdw; alter foreign data wrapper postgres_fdw no handler"),
    "wrapper of its own": (
        "create extension postgres_fdw; create foreign data wrapper evil handler postgres_fdw_handler"
    ),
    "wrapper with a handler of a stand-in": (
        "create extension wrappers; create foreign data wrapper evil handler stripe_fdw_handler"
    ),
    "subscription": "create subscription s connection 'host=127.0.0.1 port={port}' publication p",
    "replication slot": "select pg_create_logical_replication_slot('x', 'test_decoding')",
    "replication slot, physical": "select pg_create_physical_replication_slot('x')",
    "background worker": "create extension pg_prewarm; select autoprewarm_start_worker()",
    "dump of the buffers": "create extension pg_prewarm; select autoprewarm_dump_now()",
    "heap": "create extension amcheck; select verify_heapam('pg_authid')",
    # what the tool itself keeps
    "what gives ownership": "select schema_sync_private.give()",
    "what gives ownership, replaced": (
        "create or replace function schema_sync_private.give() returns void language sql as 'select 1'"
    ),
    "its schema": "drop schema schema_sync_private cascade",
    "its event trigger": _in_block("drop event trigger schema_sync_extension"),
    "its event trigger, off": _in_block("alter event trigger schema_sync_extension disable"),
    "a trigger on logins": _in_block("create event trigger e on login execute function extensions.f()"),
    "a trigger on a catalog": (
        "create function f() returns trigger language plpgsql as 'begin return new; end';"
        "create trigger t after insert on pg_catalog.pg_extension for each row execute function f()"
    ),
    "a file of psql's": r"\i {secret}",
}

HARMLESS = {
    "a program of psql's": "\\! touch {mark}\n",
    "a result to a program of psql's": "select 1 \\g |touch {mark}\n",
    "output to a program of psql's": "\\o |touch {mark}\n",
    "a copy of psql's": "create table t (a text);\n\\copy t from program 'touch {mark}'\n",
    "an event trigger": (
        "create function f() returns event_trigger language plpgsql as"
        f" $$ begin execute '{_PROGRAM}'; end $$;"
        "create event trigger e on ddl_command_end execute function f(); create extension hstore"
    ),
    "library of a role": "alter role postgres set session_preload_libraries = '{secret}'",
    "library of the database": "alter database postgres set session_preload_libraries = '{secret}'",
    "library of plugins": "alter role anon set local_preload_libraries = '{secret}'",
    "catalogs of its own": (
        "create temp table pg_extension (oid oid, extname name); create temp table pg_proc (oid oid);"
        "set search_path = pg_temp, public; create extension hstore schema public"
    ),
    "a language of Perl": "create language plperlu",
    "a language that is not there": "create extension plpython3u",
    "an extension outside of its folder": 'create extension "../../../../../../tmp/evil"',
    "a login role": "create role evil login password 'x'",
    "sessions of others": "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'schema_sync'",
    "a database": "create database evil; drop database evil",
    **{
        f"another function for the script of {name}": _hijack(name)
        for name in ("postgis", "timescaledb", "wrappers", "pgroonga", "earthdistance", "pgcrypto", "pg_hashids")
    },
}
