"""A hash that moved: check says so where no code is concerned, and diff lists what changed in the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from schema_sync import cli
from schema_sync.compare import changes
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Column, Facet, QName, TypeRef
from schema_sync.model.snapshot import fingerprint
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Database

EVERYTHING = Path(__file__).parent / "cases/everything.sql"
SCHEMA = """
create type mood as enum ('sad', 'happy');
create domain email as text;
create type address as (street text, zip text);
create table users (id int primary key, mail email, slug text, m mood, home address, constraint one unique (slug));
create table notes (id int, user_id int, body text);
create table audit (id int);
create view names as select id from users;
"""
HEADING = "Changed in the database since the last sync:"


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database) -> Path:
    """A project in sync with SCHEMA; the table audit is not compared."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema-sync.toml").write_text('exclude-tables = ["audit"]\n')
    monkeypatch.setenv("DATABASE_URL", database.dsn)
    database.run(SCHEMA)
    assert cli.run(["-q", "update"]) == 0
    return tmp_path


def listed(out: str) -> list[str]:
    """The lines below the heading, up to the next empty line."""
    _, found, rest = out.partition(f"\n{HEADING}\n\n")
    assert found, out
    return [line.removeprefix("  ") for line in rest.split("\n\n")[0].rstrip("\n").splitlines()]


UNCONCERNED = [
    ("alter table users drop constraint one", ["table users: unique (slug) removed"]),
    (
        "alter table notes add foreign key (user_id) references users on delete cascade",
        ["table notes: foreign key (user_id) references public.users (id) added"],
    ),
    (
        "alter table notes add constraint k unique (id, body)",
        ["table notes: unique (id, body) added"],
    ),
    ("comment on table notes is 'mine'", ['table notes: comment: none → "mine"']),
    ("comment on column notes.body is 'text'", ['table notes: column body: comment: none → "text"']),
    ("comment on type mood is 'how'", ['enum mood: comment: none → "how"']),
    ("comment on domain email is 'where'", ['domain email: comment: none → "where"']),
    ("alter domain email set default 'a@b'", ["domain email: has default: no → yes"]),
    ("alter table notes alter column body set default ''", ["table notes: column body: has default: no → yes"]),
    ("alter table audit add column who text", ["table audit: column who added (text)"]),
    ("drop table audit", ["table audit: removed"]),
    (
        "drop table audit; create view audit as select 1 as id",
        ["view audit: kind: table → view"],
    ),
    (
        "comment on table notes is E'two\\nlines \\x1b[31m'; comment on table users is 'u'",
        ['table notes: comment: none → "two\\nlines \\u001b[31m"', 'table users: comment: none → "u"'],
    ),
    (f"comment on table notes is '{'x' * 100}'", [f'table notes: comment: none → "{"x" * 79}…"']),
    (
        "drop table notes; create table notes (body text, id int, user_id int)",
        ["table notes: columns in another order: body, id, user_id"],
    ),
]


class TestCheck:
    def test_the_digits_stand_on_stderr_and_stdout_stays(
        self, synced: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = checks.check(projects.open_project(synced)).report.db_hash
        assert cli.run(["check"]) == 0
        in_sync, err = capsys.readouterr()
        assert "mismatch" not in err
        database.run("alter table users drop constraint one")
        after = checks.check(projects.open_project(synced)).report.db_hash
        assert cli.run(["check"]) == 0
        out, err = capsys.readouterr()
        assert out == in_sync
        assert f"Schema hash mismatch: {before[:12]}… at the last sync, {after[:12]}… now\n" in err
        assert "`diff` lists what changed, `update` records the new hash\n" in err

        assert cli.run(["update"]) == 0
        assert "✓ Updated schemas/schema_version.py" in capsys.readouterr().out
        assert cli.run(["check"]) == cli.run(["diff"]) == 0
        out, err = capsys.readouterr()
        assert "mismatch" not in err
        assert HEADING not in out

    def test_drift_needs_no_such_word(
        self, synced: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        database.run("alter table users add column more int")
        assert cli.run(["check"]) == 1
        assert "mismatch" not in capsys.readouterr().err


class TestDiff:
    @pytest.mark.parametrize(("sql", "expected"), UNCONCERNED, ids=[sql[:40] for sql, _ in UNCONCERNED])
    def test_what_concerns_no_code_is_listed(
        self,
        synced: Path,
        database: Database,
        capsys: pytest.CaptureFixture[str],
        sql: str,
        expected: list[str],
    ) -> None:
        database.run(sql)
        assert cli.run(["diff"]) == 0
        out, _ = capsys.readouterr()
        assert "✓ No schema differences found" in out
        assert listed(out) == expected
        assert cli.run(["-q", "update"]) == 0
        assert cli.run(["diff"]) == 0
        assert HEADING not in capsys.readouterr().out

    def test_what_is_found_in_the_code_is_listed_too(
        self, synced: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        database.run("alter table users alter column slug type varchar(20)")
        database.run("alter type mood add value 'calm' before 'happy'")
        database.run("alter domain email set not null")
        database.run("alter type address rename attribute zip to code")
        database.run("create materialized view later as select 1 as one")
        database.run('create table "a\n\x1b[31mb" (id int)')
        assert cli.run(["diff"]) == 0
        assert listed(capsys.readouterr().out) == [
            "enum mood: label calm added",
            "domain email: not null: no → yes",
            "composite type address: attribute code added (text)",
            "composite type address: attribute zip removed",
            r"table a\n\x1b[31mb: added",
            "materialized view later: added",
            "table users: column mail: nullable: yes → no",
            "table users: column slug: type: text → varchar(20)",
        ]

    def test_labels_in_another_order(
        self, synced: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        database.run(
            "alter table users alter column m type text; drop type mood;"
            "create type mood as enum ('happy', 'sad'); alter table users alter column m type mood using m::mood"
        )
        assert cli.run(["diff"]) == 0
        assert "enum mood: labels in another order: happy, sad" in listed(capsys.readouterr().out)

    def test_another_schema_is_named(
        self, synced: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        database.run("create schema billing; create table billing.plans (id int)")
        assert cli.run(["diff", "--schema", "public", "--schema", "billing"]) == 0
        assert listed(capsys.readouterr().out) == ["schema billing: compared now", "table billing.plans: added"]

    def test_also_where_a_file_cannot_be_read(
        self, synced: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (synced / "schemas/broken.py").write_text("class (:\n")
        database.run("drop table audit")
        assert cli.run(["diff"]) == 2
        assert listed(capsys.readouterr().out) == ["table audit: removed"]


def _others(value: object) -> Iterator[Any]:
    """Other values of the kind of *value*, as a field of a catalog may have them."""
    match value:
        case bool():
            yield not value
        case None:
            yield "x"
        case str():
            yield f"{value}x"
        case TypeRef():
            yield replace(value, dims=1 - value.dims)
            yield replace(value, modifier="7")
            yield replace(value, name=QName(schema="other", name="type"))
        case tuple() if value:
            yield value[1:]
            yield value[::-1]
            for place, each in enumerate(value):
                if isinstance(each, Value):
                    yield from ((*value[:place], other, *value[place + 1 :]) for other in _altered(each))
        case _:
            return


def _altered(value: Value) -> Iterator[Any]:
    """Copies of *value* that differ in one place; names of objects and places of columns stay as they are."""
    for field in value.__struct_fields__:
        if field not in {"name", "rank", "kind"} or (field == "name" and isinstance(value, Column)):
            yield from (replace(value, **{field: other}) for other in _others(getattr(value, field)))


class TestCoverage:
    def test_all_that_moves_the_hash_has_a_line_and_nothing_else_has(
        self, database: Database, tmp_path: Path
    ) -> None:
        database.run(EVERYTHING.read_text())
        schemas = ("public", "billing", "Odd Schema")
        project = projects.open_project(tmp_path, source=database.dsn, schemas=schemas)
        catalog = projects.fetch(project, expressions=True)[0].catalog
        counts = {True: 0, False: 0}
        for part in ("schemas", "relations", "enums", "domains", "composites", "left_out", "json_casts"):
            for other in _others(getattr(catalog, part)):
                altered = replace(catalog, **{part: other})
                is_hashed = fingerprint(altered) != fingerprint(catalog)
                lines = changes.between(catalog, altered, "public")
                assert (lines != (changes.UNNAMED,)) is is_hashed or other == getattr(catalog, part)[::-1], lines
                counts[is_hashed] += 1
        assert counts[True] > 500
        assert counts[False] > 50

    def test_what_was_not_seen_then_is_not_taken_for_new(self) -> None:
        catalog = Catalog(schemas=("public",), covers=tuple(Facet))
        partial = replace(catalog, covers=tuple(set(Facet) - {Facet.COMMENTS, Facet.DOMAINS}))
        assert changes.between(partial, catalog, "public") == (
            "The source of the last sync did not show comments, domains: what changed since then is not known.",
        )
        assert changes.between(catalog, partial, "public") == (changes.UNNAMED,)
