"""The stand-ins for extensions that no wheel ships: what migrations write of them works, and none of it is seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from direct import read_catalog
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.types import column_type, sql_name
from schema_sync.postgres.type_modifiers import modifier_text
from schema_sync.replay import embedded_server

if TYPE_CHECKING:
    from conftest import Database

STAND_INS = sorted(path.stem for path in (Path(embedded_server.__file__).parent / "extensions").rglob("*.control"))
SCHEMAS = ("public", "extensions", "net", "cron", "graphql", "vault", "pgsodium", "pgmq")

# what a migration does with each: the most common ways to write it
USES = {
    "http": "select status, content::json from extensions.http_get('https://example.org/');"
    " create function pull() returns int language sql return (extensions.http(('GET', 'u', null, null, null))).status;",
    "hypopg": "select * from extensions.hypopg_create_index('create index on t (a)');",
    "index_advisor": "select * from extensions.index_advisor('select 1');",
    "pg_cron": "select cron.schedule('nightly', '0 3 * * *', $$ vacuum $$); select cron.unschedule('nightly');"
    " select cron.unschedule(jobid) from cron.job; grant usage on schema cron to postgres;",
    "pg_graphql": "select graphql.resolve('{ a }'); comment on schema public is e'@graphql({\"inflect_names\": true})';",
    "pg_hashids": "create table h (id bigint, code text generated always as (extensions.id_encode(id, 's', 8)) stored);",
    "pg_jsonschema": 'create table j (d json check (extensions.json_matches_schema(\'{"type": "object"}\', d)));'
    " insert into j values ('{}');",
    "pg_net": "select net.http_post(url := 'https://example.org', body := '{}'::jsonb, headers := '{}'::jsonb);"
    " grant usage on schema net to anon, authenticated, service_role;",
    "pgaudit": "",
    "pgcrypto": "select extensions.digest('a', 'sha256');",
    "pgjwt": "select extensions.sign('{\"sub\": 1}'::json, 'secret'); select * from extensions.verify('t', 's');",
    "pgmq": "select pgmq.create('jobs'); select * from pgmq.send('jobs', '{}'::jsonb, 5);"
    " select * from pgmq.read('jobs', 30, 1); select pgmq.archive('jobs', 1::bigint);"
    " alter table pgmq.q_jobs enable row level security; select pgmq.drop_queue('jobs');",
    "pgroonga": "create table n (a text, b varchar(9), c text[]); create index on n using pgroonga (a, b, c);"
    " insert into n values ('x'); select * from n where a &@~ 'x';",
    "pgsodium": "select key_id from pgsodium.create_key(name := 'k', key_type := 'aead-det');"
    " select pgsodium.crypto_aead_det_encrypt('\\x00', '\\x00', gen_random_uuid());"
    " create table p (k uuid default (pgsodium.create_key()).id);",
    "pgtap": "",
    "plpgsql_check": "select * from extensions.plpgsql_check_function('auth.uid()');",
    "postgis": "create table g (at extensions.geometry(Point, 4326), way extensions.geography(LineStringZ) not null"
    " default 'LINESTRING(0 0 0, 1 1 1)'); create index on g using gist (at); create index on g using brin (way);"
    " insert into g (at) select extensions.st_setsrid(extensions.st_makepoint(n, 1), 4326) from generate_series(1, 999) n;"
    " create index on g using gist (way); select at <-> 'POINT(1 1)' from g where extensions.st_dwithin(at::geography,"
    " way, 10) and at && extensions.st_makeenvelope(0, 0, 1, 1, 4326); analyze g; create function near(geometry)"
    " returns setof g language sql stable as $$ select * from g order by at <-> $1 $$;",
    "supabase_vault": "select vault.create_secret('s', 'n'); select decrypted_secret from vault.decrypted_secrets;",
    "timescaledb": "create table m (at timestamptz not null, v float8); select create_hypertable('m', 'at');"
    " select create_hypertable('m', by_range('at')); select time_bucket('1 hour', at), first(v, at) from m group by 1;"
    " select create_hypertable('m', 'at', chunk_time_interval => interval '1 day', if_not_exists => true);"
    " select add_retention_policy('m', interval '1 year');",
    "uuid-ossp": "select extensions.uuid_generate_v4();",
    "wrappers": "create foreign data wrapper w handler extensions.stripe_fdw_handler"
    " validator extensions.stripe_fdw_validator; create server s foreign data wrapper w options (api_key 'k');"
    " create foreign table customers (id text, attrs jsonb) server s options (object 'customers');",
}


def test_each_has_its_use() -> None:
    assert sorted(USES) == STAND_INS


@pytest.mark.parametrize("name", STAND_INS)
def test_it_is_created_and_used_as_people_write_it(database: Database, name: str) -> None:
    schema = "public" if name == "timescaledb" else "extensions"
    database.run(f'create extension if not exists "{name}" with schema {schema} cascade')
    database.run(USES[name] or "select 1")
    owned = f"select extname from pg_extension where extname = '{name}'"
    assert database.run(owned) == [(name,)]


@pytest.mark.parametrize("name", STAND_INS)
def test_nothing_of_it_enters_the_catalog(database: Database, name: str) -> None:
    before = seen(database)
    database.run(f'drop extension if exists "{name}" cascade; create extension "{name}" cascade')
    assert seen(database) <= before
    database.run(f'drop extension "{name}" cascade')


def seen(database: Database) -> set[str]:
    schemas = [name for (name,) in database.run("select nspname from pg_namespace") if name in SCHEMAS]
    catalog = read_catalog(database.dsn, schemas)
    found = [*catalog.relations, *catalog.enums, *catalog.domains, *catalog.composites]
    return {str(item.name) for item in found}


@pytest.mark.parametrize("name", ["pg_cron", "pg_jsonschema", "pg_net", "pgaudit", "pgjwt", "pgmq", "pgsodium"])
def test_pg_catalog_is_a_schema_like_any_other(database: Database, name: str) -> None:
    database.run(f'create extension "{name}" with schema pg_catalog cascade')


def test_pgmq_and_others_take_a_schema_that_is_there_already(database: Database) -> None:
    database.run("create schema pgmq; create extension pgmq with schema pgmq")
    database.run("create schema if not exists cron; create extension pg_cron")
    database.run("create schema net; create extension if not exists pg_net with schema extensions")


@pytest.mark.parametrize(
    ("extension", "column", "sql", "python"),
    [
        (
            "postgis",
            "extensions.geometry(Point, 4326)",
            "extensions.geometry(Point,4326)",
            "dict[str, typing.Any]",
        ),
        (
            "postgis",
            "extensions.geometry(multipolygonzm)",
            "extensions.geometry(MultiPolygonZM)",
            "dict[str, typing.Any]",
        ),
        ("postgis", "extensions.geometry", "extensions.geometry", "dict[str, typing.Any]"),
        ("postgis", "extensions.geography(POINT)", "extensions.geography(Point,4326)", "str"),
        ("postgis", "extensions.geography", "extensions.geography", "str"),
        ("postgis", "extensions.box2d[]", "extensions.box2d[]", "list[str]"),
        ("http", "extensions.http_response", "extensions.http_response", "dict[str, typing.Any]"),
        ("http", "extensions.http_method", "extensions.http_method", "str"),
        ("pgsodium", "pgsodium.key_type", "pgsodium.key_type", "str"),
        ("pgmq", "pgmq.message_record", "pgmq.message_record", "dict[str, typing.Any]"),
        ("pg_net", "net.request_status", "net.request_status", "str"),
    ],
)
def test_a_column_of_its_type(database: Database, extension: str, column: str, sql: str, python: str) -> None:
    database.run(f"create extension {extension} with schema extensions; create table t (a {column})")
    catalog = read_catalog(database.dsn, ["public"])
    (table,) = catalog.relations
    ref = table.columns[0].type
    assert sql_name(ref) == sql
    mapped = column_type(ref, catalog)
    assert mapped.written == parse_type(python)


@pytest.mark.parametrize(
    ("typmod", "text"),
    [(1107460, "Point,4326"), (4, "Point"), (1107456, "Geometry,4326"), (6, "PointZ"), (27, "MultiPolygonZM")],
)
def test_modifiers_of_postgis_are_packed_as_its_own(typmod: int, text: str) -> None:
    assert modifier_text("geometry", typmod) == text


def test_a_shape_that_postgis_does_not_know(database: Database) -> None:
    database.run("create extension postgis")
    with pytest.raises(psycopg.Error, match="Invalid geometry type modifier: circle"):
        database.run("create table t (a geometry(Circle, 4326))")
