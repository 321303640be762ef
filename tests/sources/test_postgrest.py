"""A project through PostgREST: what its description shows, what it hides, and what it refuses."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

import laws
from doubles import postgrest as double_of
from doubles.postgrest import Double, reply, serving
from schema_sync import app, cli
from schema_sync.errors import SourceError, UsageError
from schema_sync.model.catalog import Facet, QName
from schema_sync.model.snapshot import decode_lock, fingerprint
from schema_sync.sources import dsn, web
from schema_sync.sources.openapi import build_catalog
from schema_sync.sources.type_names import parse_type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Database

    Check = Callable[..., app.Outcome]

CASES = Path(__file__).parents[1] / "cases"
VARIABLES = ("SUPABASE_DB_URL", "DATABASE_URL", "SUPABASE_ACCESS_TOKEN", "SUPABASE_PROJECT_REF")


@pytest.fixture
def door(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A project's API in front of the test's database, and the environment that leads to it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with serving(Double(dsn=database.dsn)) as double:
        monkeypatch.setenv("SUPABASE_URL", double.url)
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", double_of.SERVICE_KEY)
        yield double


@pytest.fixture
def atoms(tmp_path: Path, database: Database) -> Path:
    database.run((CASES / "atoms/schema.sql").read_text())
    shutil.copytree(CASES / "atoms/schemas", tmp_path / "schemas")
    return tmp_path


class TestAtoms:
    @pytest.mark.parametrize("version", [12, 14, 16])
    def test_the_same_findings_as_through_a_connection(
        self, atoms: Path, database: Database, door: Double, version: int
    ) -> None:
        door.version = version
        full = laws.check(atoms, database.dsn)
        part = laws.check(atoms, "postgrest")
        shown = {e.name.name for e in part.catalog.enums}
        expected = [
            f for f in full.comparison.report.findings if f.subject.kind != "enum" or f.subject.name in shown
        ]
        assert part.comparison.report.findings == tuple(expected)
        assert len(expected) > 80
        unshown = {f.subject.name for f in full.comparison.report.findings} - {f.subject.name for f in expected}
        assert unshown == {"action_type", "property_type"}, "enum types that no column shows"
        assert part.comparison.report.tables == full.comparison.report.tables

    def test_what_was_not_looked_at_is_said(self, atoms: Path, door: Double) -> None:
        report = laws.check(atoms, "postgrest").comparison.report
        said = "\n".join(f"{note.what}: {note.why}" for note in report.not_checked)
        for words in ("enum types that no column shows", "generated columns", "composite types", "no privilege"):
            assert words in said
        assert [note.what for note in report.not_checked if "PropertyType" in note.what] == []

    def test_an_update_and_then_the_lock_agree(self, atoms: Path, database: Database, door: Double) -> None:
        laws.update(atoms, "postgrest")
        laws.assert_stable(atoms, "postgrest")
        left = laws.check(atoms, "postgrest").comparison.report
        assert laws.check(atoms, "lock").comparison.report.findings == left.findings
        assert laws.check(atoms, "lock").comparison.report.not_checked
        assert Counter(f.rule for f in laws.check(atoms, database.dsn).comparison.report.findings) == Counter(
            [*(f.rule for f in left.findings), "enum-undeclared", "enum-undeclared"]
        )


RICH = """
create type mood as enum ('sad', 'so so', 'happy'); comment on type mood is 'how one feels';
create type unused as enum ('a');
create domain email as text check (value ~ '@');
create domain whole as int not null;
create type address as (street text, born date);
create table people (
  id bigint generated always as identity primary key,
  name varchar(20) not null default 'x',
  mail email,
  age whole,
  mood mood not null default 'sad',
  moods mood[],
  home address,
  twice text generated always as (name || name) stored,
  size smallint not null,
  unique (name, age)
);
comment on table people is 'all of us';
comment on column people.id is E'first\\n\\nsecond';
create table pairs (
  left_id bigint references people, right_id bigint references people, primary key (left_id, right_id)
);
"""
PEOPLE = QName(schema="public", name="people")


def lock_of(root: Path) -> Any:
    return decode_lock((root / "schemas/schema_lock.json").read_bytes(), path="lock")


class TestTheLock:
    """A partial source never makes less of a full lock."""

    def test_nothing_changes_where_it_shows_nothing_new(
        self, tmp_path: Path, database: Database, door: Double
    ) -> None:
        for version in (12, 14, 16):
            door.version = version
            database.run(
                "drop schema public cascade; create schema public; grant usage on schema public to public;"
            )
            database.run(RICH + "grant select on all tables in schema public to service_role;")
            laws.update(tmp_path, database.dsn)
            before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
            outcome = laws.check(tmp_path, "postgrest")
            assert outcome.comparison.report.db_hash == lock_of(tmp_path).db_hash
            assert not any("database changed" in note for note in outcome.notes)
            assert not outcome.comparison.report.findings
            assert not laws.update(tmp_path, "postgrest").contents
            assert {path: path.read_bytes() for path in before} == before

    def test_kinds_of_relations_stay(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(
            RICH + "create foreign data wrapper nowhere; create server away foreign data wrapper nowhere;"
            "create foreign table far (id int not null, name text) server away;"
            "create view simple as select id, name from people; create view names as select name from people;"
            "create materialized view kept as select id from people; create table split (a int) partition by list (a)"
        )
        laws.update(tmp_path, database.dsn)
        kinds = [(r.name.name, r.kind) for r in lock_of(tmp_path).catalog.relations]
        assert laws.check(tmp_path, "postgrest").comparison.report.db_hash == lock_of(tmp_path).db_hash
        assert not laws.update(tmp_path, "postgrest").contents
        database.run("drop view names; create table names (name text not null)")
        laws.update(tmp_path, "postgrest")
        assert dict(kinds)["names"] == "view"
        assert [(r.name.name, r.kind) for r in lock_of(tmp_path).catalog.relations] == [
            (name, "table" if name == "names" else kind) for name, kind in kinds
        ]

    def test_a_change_is_laid_over_what_is_known(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(RICH)
        laws.update(tmp_path, database.dsn)
        full = lock_of(tmp_path).catalog
        database.run("alter table people add nick text not null; alter type mood add value 'glad'")
        laws.update(tmp_path, "postgrest")
        laws.assert_stable(tmp_path, "postgrest")
        lock = lock_of(tmp_path)
        assert Facet.IDENTITY not in lock.catalog.covers
        assert lock.db_hash == fingerprint(lock.catalog) != fingerprint(full)
        people = lock.catalog.relations_by_name[PEOPLE]
        assert people.columns[:-1] == full.relations_by_name[PEOPLE].columns
        assert people.columns[-1].name == "nick"
        assert people.constraints == full.relations_by_name[PEOPLE].constraints
        assert lock.catalog.domains == full.domains
        assert lock.catalog.composites == full.composites
        assert [e.name.name for e in lock.catalog.enums] == ["mood", "unused"]
        assert lock.catalog.enums[0].labels == ("sad", "so so", "happy", "glad")
        assert lock.catalog.enums[0].comment == "how one feels"
        assert not laws.check(tmp_path, "lock").comparison.report.findings
        assert not laws.check(tmp_path, database.dsn).comparison.report.findings

    def test_a_full_source_then_makes_it_full_again(
        self, tmp_path: Path, database: Database, door: Double
    ) -> None:
        database.run(RICH)
        laws.update(tmp_path, "postgrest")
        assert Facet.IDENTITY not in lock_of(tmp_path).catalog.covers
        outcome = laws.check(tmp_path, database.dsn)
        assert not any("database changed" in note for note in outcome.notes), (
            "a part is not compared with the whole"
        )
        laws.update(tmp_path, database.dsn)
        assert Facet.IDENTITY in lock_of(tmp_path).catalog.covers

    def test_what_it_cannot_see_is_no_removal(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(RICH)
        laws.update(tmp_path, database.dsn)
        (tmp_path / "schemas/schema_lock.json").unlink()
        report = laws.check(tmp_path, "postgrest").comparison.report
        assert not report.findings
        assert any("Unused, which stands for public.unused" in note.what for note in report.not_checked)

    def test_what_was_seen_to_be_gone_stays_gone(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(RICH)
        laws.update(tmp_path, database.dsn)
        database.run("drop type unused")
        laws.update(tmp_path, database.dsn)
        for source in ("postgrest", "lock"):
            (finding,) = laws.check(tmp_path, source).comparison.report.findings
            assert finding.rule == "enum-removed"


class TestTheDescription:
    def test_columns_keys_and_comments(self, database: Database, door: Double) -> None:
        database.run(RICH)
        seen = build_catalog({"public": double_of.describe(database.dsn, "public")})
        full = dsn.read_catalog(database.dsn, ["public"])
        assert [r.name for r in seen.relations] == [r.name for r in full.relations]
        for relation in seen.relations:
            known = full.relations_by_name[relation.name]
            assert [(c.name, c.rank, c.nullable, c.comment) for c in relation.columns] == [
                (c.name, c.rank, c.nullable, c.comment) for c in known.columns
            ]
            assert (relation.kind, relation.comment) == (known.kind, known.comment)
            primary = [set(c.columns) for c in known.constraints if c.kind == "primary"]
            assert [set(c.columns) for c in relation.constraints if c.kind == "primary"] == primary
            assert [
                (c.columns, c.references, c.referenced_columns)
                for c in relation.constraints
                if c.kind == "foreign"
            ] == [
                (c.columns, c.references, c.referenced_columns) for c in known.constraints if c.kind == "foreign"
            ]
        types = {c.name: c.type for c in seen.relations_by_name[PEOPLE].columns}
        assert {name: str(ref.name) for name, ref in types.items()} == {
            "id": "pg_catalog.int8",
            "name": "pg_catalog.varchar",
            "mail": "pg_catalog.text",
            "age": "pg_catalog.int4",
            "mood": "public.mood",
            "moods": "public.mood",
            "home": "public.address",
            "twice": "pg_catalog.text",
            "size": "pg_catalog.int2",
        }
        assert types["name"].modifier == "20"
        assert types["moods"].dims == 1
        assert [(e.name.name, e.labels) for e in seen.enums] == [("mood", ("sad", "so so", "happy"))]

    def test_views_are_told_from_tables(self, database: Database, door: Double) -> None:
        database.run(
            RICH
            + "create view simple as select id, name from people; create view grouped as select count(*) from people;"
            "create materialized view kept as select 1 as one; create table loose (a int); create view names as select name from people"
        )
        seen = build_catalog({"public": double_of.describe(database.dsn, "public")})
        kinds = {r.name.name: r.kind for r in seen.relations}
        assert kinds == {
            **dict.fromkeys(("simple", "grouped", "kept"), "view"),
            **dict.fromkeys(("people", "pairs", "loose"), "table"),
            "names": "table",  # it can be written, and shows no key: said in the report
        }

    @pytest.mark.parametrize("version", [12, 14, 16])
    def test_every_type_reads_as_through_a_connection(self, database: Database, version: int) -> None:
        database.run((CASES / "everything.sql").read_text())
        full = dsn.read_catalog(database.dsn, ["public"])
        seen = build_catalog(
            {"public": double_of.describe(database.dsn, "public", role="postgres", version=version)}
        )
        assert [r.name for r in seen.relations] == [r.name for r in full.relations]
        for relation in seen.relations:
            for column, known in zip(relation.columns, full.relations_by_name[relation.name].columns, strict=True):
                ref, expected = column.type, known.type
                while not expected.dims and (domain := full.domains_by_name.get(expected.name)) is not None:
                    if ref.name == expected.name:
                        break
                    expected = domain.base
                if version == 16 and expected.name.name == "int2":
                    expected = replace(expected, name=QName(schema="pg_catalog", name="int4"))
                assert (ref.name, ref.dims) == (expected.name, expected.dims), (relation.name, column.name)
                assert ref.modifier in (None, expected.modifier), (relation.name, column.name)

    @pytest.mark.parametrize(
        "text",
        ["", "int", "varchar", "timestamptz", "public.", ".mood", "public.Mood", 'public."', "integer[][]",
         "public.mood; drop table x", "character varying(20", "no_such_type", 'a.b.c', "integer []", "???", "-"],
    )  # fmt: skip
    def test_what_postgresql_does_not_write_is_no_type(self, text: str) -> None:
        assert parse_type_name(text) is None

    @pytest.mark.parametrize(
        ("text", "name", "dims", "modifier"),
        [
            ("integer", "pg_catalog.int4", 0, None),
            ("int64", "pg_catalog.int8", 0, None),
            ("character varying(20)", "pg_catalog.varchar", 0, "20"),
            ("character varying[]", "pg_catalog.varchar", 1, None),
            ("numeric(12,-2)", "pg_catalog.numeric", 0, "12,-2"),
            ("timestamp(3) with time zone", "pg_catalog.timestamptz", 0, "3"),
            ("time without time zone", "pg_catalog.time", 0, None),
            ("interval day to second(3)", "pg_catalog.interval", 0, "day to second,3"),
            ("interval(3)", "pg_catalog.interval", 0, "3"),
            ('"char"', "pg_catalog.char", 0, None),
            ("uuid[]", "pg_catalog.uuid", 1, None),
            ("double precision", "pg_catalog.float8", 0, None),
            ('public."My "" Type"[]', 'public.My " Type', 1, None),
            ('"a.b"."c(d)"(Point,4326)', "a.b.c(d)", 0, "Point,4326"),
            ("information_schema.sql_identifier", "information_schema.sql_identifier", 0, None),
        ],
    )
    def test_type_names(self, text: str, name: str, dims: int, modifier: str | None) -> None:
        ref = parse_type_name(text)
        assert ref is not None
        assert (str(ref.name), ref.dims, ref.modifier) == (name, dims, modifier)

    def test_a_comment_that_looks_like_a_note(self, database: Database) -> None:
        database.run(
            "create table t (id int primary key, a text, b text);"
            "comment on column t.id is E'Note:\\nThis is a Primary Key.<pk/>';"
            "comment on column t.a is E'x\\n\\nNote:\\nThis is a Foreign Key to `nope.id`.<fk table=''nope'' column=''id''/>';"
            "comment on column t.b is E'Note:\\nmine'"
        )
        (table,) = build_catalog({"public": double_of.describe(database.dsn, "public", role="postgres")}).relations
        assert [c.kind for c in table.constraints] == ["primary"]
        assert [c.comment for c in table.columns] == ["Note:\nThis is a Primary Key.<pk/>", "x", "Note:\nmine"]

    def test_the_double_writes_what_postgrest_does(self, database: Database) -> None:
        """The golden files follow what PostgREST's own tests expect (test/spec/Feature/OpenApi)."""
        golden = json.loads((Path(__file__).parents[1] / "doubles/postgrest_golden.json").read_text())
        database.run(golden["database"])
        for version, key in ((14, "definitions"), (16, "definitions_16")):
            written = double_of.describe(database.dsn, "public", role="postgres", version=version)["definitions"]
            for name, definition in golden[key].items():
                assert written[name] == definition
                assert list(written[name]["properties"]) == list(definition["properties"])

    @pytest.mark.parametrize(
        "definitions",
        [
            [],
            {"t": []},
            {"t": {"properties": []}},
            {"t": {"properties": {"a": {"format": 3}}}},
            {"t": {"properties": {"a": {}}}},
        ],
    )
    def test_any_other_document_is_refused(self, definitions: Any) -> None:
        with pytest.raises(SourceError, match="not as PostgREST writes it"):
            build_catalog({"public": {"swagger": "2.0", "definitions": definitions}})


SIMPLE = "create table users (id uuid primary key, name text not null)"


class TestTheDoor:
    """Keys, refusals and failures: a message that says what to do, exit code 3, and no wait without end."""

    @pytest.fixture
    def refused(
        self, door: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> Callable[..., str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(web, "_FIRST_WAIT_SECONDS", 0.01)

        def run(*arguments: str, code: int = 3) -> str:
            assert cli.run(["check", *(arguments or ("--source", "postgrest"))]) == code
            out, err = capsys.readouterr()
            for key in (double_of.SERVICE_KEY, double_of.SECRET_KEY):
                assert key not in out + err
            assert "Traceback" not in err
            return err

        return run

    def test_a_legacy_key_is_also_the_bearer(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(SIMPLE)
        laws.check(tmp_path, "postgrest")
        (asked,) = door.asked
        assert asked["path"] == "/rest/v1/"
        assert asked["apikey"] == double_of.SERVICE_KEY
        assert asked["authorization"] == f"Bearer {double_of.SERVICE_KEY}"
        assert asked["accept-profile"] == "public"

    @pytest.mark.parametrize("name", ["SUPABASE_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"])
    def test_a_secret_key_is_none(
        self, tmp_path: Path, database: Database, door: Double, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        database.run(SIMPLE)
        monkeypatch.delenv("SUPABASE_SERVICE_KEY")
        monkeypatch.setenv(name, f" {double_of.SECRET_KEY}\n")
        monkeypatch.setenv("SUPABASE_URL", f"{door.url}/rest/v1/")
        laws.check(tmp_path, "auto")
        (asked,) = door.asked
        assert "authorization" not in asked
        assert asked["user-agent"].startswith("schema-sync/")

    def test_two_schemas_are_two_documents(self, tmp_path: Path, database: Database, door: Double) -> None:
        database.run(
            f'{SIMPLE}; create schema "Ünder"; create table "Ünder".t (a int); grant all on "Ünder".t to service_role'
        )
        door.exposed = ("public", "Ünder")
        project = app.open_project(tmp_path, source="postgrest", schemas=("public", "Ünder"))
        assert [str(r.name) for r in app.check(project).catalog.relations] == ["public.users", "Ünder.t"]
        assert len(door.asked) == 2

    @pytest.mark.parametrize("key", [double_of.ANON_KEY, double_of.PUBLISHABLE_KEY, "a key", "schlüssel", "x\ny"])
    def test_a_key_that_cannot_do_is_not_sent(
        self, refused: Callable[..., str], door: Double, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", key)
        err = refused()
        assert "SUPABASE_SERVICE_KEY holds" in err
        assert "service_role" in err
        assert key not in err
        assert not door.asked

    def test_a_wrong_key(self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", "sb_secret_wrong")
        assert "refuses the key in SUPABASE_SERVICE_KEY: Invalid API key" in refused()

    def test_a_schema_that_is_not_exposed(self, refused: Callable[..., str]) -> None:
        err = refused("--source", "postgrest", "--schema", "private")
        assert "schema private is not exposed" in err
        assert "Only the following schemas are exposed: public" in err

    def test_nothing_to_see(self, refused: Callable[..., str], database: Database) -> None:
        assert "shows no table in public" in refused()
        database.run(SIMPLE + "; revoke all on users from service_role")
        assert "the key's role may see none" in refused()

    @pytest.mark.parametrize(
        ("status", "body", "headers", "says"),
        [
            (540, "<html>paused</html>", {}, "is paused"),
            (200, "<!DOCTYPE html><HTML>", {}, "is no API of a Supabase project: HTTP 200, a web page"),
            (404, {"message": "no Route matched"}, {}, "is no API of a Supabase project: HTTP 404"),
            (200, {"hello": "world"}, {}, "is no API of a Supabase project: HTTP 200, application/json"),
            (200, {"swagger": "2.0", "info": {"title": "mine"}}, {}, "by a function of its own"),
            (200, "[" * 100_000, {}, "is no API"),
            (404, {"code": "PGRST126", "message": "Root endpoint metadata is disabled"}, {}, "does not describe itself"),
            (302, "", {"Location": "https://evil.example/rest/v1/"}, "redirects to evil.example; a key is not sent on"),
            (301, "", {"Location": "/elsewhere/"}, "redirects to /elsewhere/"),
            (400, {"message": "odd " + double_of.SERVICE_KEY}, {}, "HTTP 400: odd ***"),
            (429, {"message": "slow down"}, {"Retry-After": "3600"}, "asked too often: slow down"),
            (503, {"message": "down"}, {"Retry-After": "0"}, "HTTP 503: down"),
        ],
        ids=lambda value: str(value)[:24],
    )  # fmt: skip
    def test_answers_of_other_kinds(
        self, refused: Callable[..., str], door: Double, status: int, body: Any, headers: dict[str, str], says: str
    ) -> None:
        def answer(_: Double, handler: Any) -> bool:
            reply(handler, status, body, headers)
            return True

        door.answer = answer
        assert says in refused()
        assert len(door.asked) == (web.ATTEMPTS if status == 503 else 1)

    @pytest.mark.parametrize("header", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"])
    def test_what_passes_is_tried_again(
        self, tmp_path: Path, database: Database, door: Double, monkeypatch: pytest.MonkeyPatch, header: str
    ) -> None:
        monkeypatch.setattr(web, "_FIRST_WAIT_SECONDS", 0.01)

        def answer(double: Double, handler: Any) -> bool:
            if len(double.asked) < 3:
                reply(handler, (429, 500)[len(double.asked) - 1], {"message": "not now"}, {"Retry-After": header})
            return len(double.asked) < 3

        database.run(SIMPLE)
        door.answer = answer
        assert len(laws.check(tmp_path, "postgrest").catalog.relations) == 1
        assert len(door.asked) == 3

    def test_no_answer_at_all(
        self, refused: Callable[..., str], door: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(web, "TOTAL_SECONDS", 60.0)
        monkeypatch.setattr(web, "READ_SECONDS", 0.2)
        over = threading.Event()

        def answer(_: Double, handler: Any) -> bool:
            over.wait(60)
            return True

        door.answer = answer
        try:
            assert "does not answer in time" in refused()
        finally:
            over.set()

    def test_an_answer_without_end(
        self, refused: Callable[..., str], door: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(web, "LARGEST_BYTES", 1 << 20)

        def answer(_: Double, handler: Any) -> bool:
            handler.send_response(200)
            handler.end_headers()
            try:
                for _ in range(100):
                    handler.wfile.write(b" " * (1 << 16))
            except OSError:
                handler.close_connection = True
            return True

        door.answer = answer
        assert "is larger than 1 MB" in refused()

    def test_a_lost_connection(self, refused: Callable[..., str], door: Double) -> None:
        def answer(_: Double, handler: Any) -> bool:
            handler.close_connection = True
            return True

        door.answer = answer
        assert "cannot connect to 127.0.0.1" in refused()
        assert len(door.asked) == web.ATTEMPTS

    @pytest.mark.parametrize(
        ("address", "says"),
        [
            ("http://abc.supabase.co", "the key would travel to abc.supabase.co in the clear"),
            ("http://10.0.0.1:8000", "in the clear"),
            ("https://user:pw@abc.supabase.co", "holds credentials"),
            ("abc.supabase.co", "is no address of a project"),
            ("postgresql://a@b/c", "is no address of a project"),
            ("https://abc.supabase.co/?apikey=1", "is no address of a project"),
            ("https://[::1", "is no address"),
            ("https://u:pw/x@abc.supabase.co", "is no address"),
            ("https://no-such-host.invalid", "no host no-such-host.invalid is known"),
            ("http://127.0.0.1:9", "cannot connect to 127.0.0.1"),
        ],
    )
    def test_addresses(
        self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, address: str, says: str
    ) -> None:
        monkeypatch.setenv("SUPABASE_URL", address)
        err = refused()
        assert says in err
        assert "pw" not in err

    def test_what_is_missing(self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        assert "takes no argument" in refused("--source", "postgrest:x", code=2)
        monkeypatch.delenv("SUPABASE_SERVICE_KEY")
        assert "no key for SUPABASE_URL" in refused(code=2)
        monkeypatch.delenv("SUPABASE_URL")
        assert "SUPABASE_URL is not set" in refused(code=2)

    def test_without_httpx(self, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "httpx", None)
        assert "pip install 'supabase-schema-sync[http]'" in refused(code=2)

    def test_doctor_looks(self, door: Double, database: Database, tmp_path: Path) -> None:
        database.run(SIMPLE)
        project = app.open_project(tmp_path, source="postgrest")
        from schema_sync.sources.postgrest import SOURCE

        assert SOURCE.probe is not None
        assert SOURCE.probe(app.request(project)) == f"{door.url}/rest/v1/: PostgREST 14.1, 1 tables and views"
        with pytest.raises(UsageError):
            SOURCE.fetch(replace(app.request(project), environment={}))
