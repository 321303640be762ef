"""Checks that name values: what the server deparses is read strictly, and nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import laws
from schema_sync.compare.check_literals import named_values
from schema_sync.model.catalog import Constraint

if TYPE_CHECKING:
    from conftest import Database

CONFIGURATION = "check-literals = true\n"
TABLE = "create table kinds (id int primary key, kind text not null check (kind in ('a', 'b')))"


def check(expression: str, *, binding: bool = True) -> Constraint:
    return Constraint(kind="check", name="c", expression=expression, binding=binding)


@pytest.mark.parametrize(
    ("expression", "column", "values"),
    [
        ("(kind = ANY (ARRAY['a'::text, 'b'::text]))", "kind", ("a", "b")),
        ("(kind = 'a'::text)", "kind", ("a",)),
        (
            "((kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            "kind",
            ("a", "b"),
        ),
        ("((kind)::text = ANY (ARRAY[('a'::character varying)::text, 'b'::text]))", "kind", ("a", "b")),
        ("((kind)::text = 'a'::text)", "kind", ("a",)),
        ("(kind = ANY (ARRAY['a'::bpchar]))", "kind", ("a",)),
        ("(\"K \"\"x\" = 'it''s'::text)", 'K "x', ("it's",)),
        ("(kind = ANY (ARRAY['a'::text, 'a'::text]))", "kind", ("a",)),
        ("(kind = 'a'', ''b'::text)", "kind", ("a', 'b",)),
        ("(kind = 'back\\slash'::text)", "kind", ("back\\slash",)),
    ],
)
def test_what_names_values(expression: str, column: str, values: tuple[str, ...]) -> None:
    assert named_values(check(expression)) == (column, values)
    assert named_values(check(expression, binding=False)) is None


@pytest.mark.parametrize(
    "expression",
    [
        "(kind = ANY (ARRAY['a'::text, NULL::text]))",
        "((kind = 'a'::text) OR (length(kind) > 3))",
        "(lower(kind) = 'a'::text)",
        "(kind <> 'a'::text)",
        "(kind <> ALL (ARRAY['a'::text]))",
        "(kind = other)",
        "(kind = 'a'::citext)",
        "(kind = ('a'::text COLLATE \"C\"))",
        "(kind OPERATOR(public.=) 'a'::text)",
        "((kind)::character varying(2) = 'a'::text)",
        "(kind = ANY (ARRAY[1, 2]))",
        "(kind = ANY (ARRAY[]::text[]))",
        "(NOT (kind = 'a'::text))",
        "(kind = 'a'::text) ",
        "",
    ],
)
def test_what_does_not(expression: str) -> None:
    assert named_values(check(expression)) is None


def test_other_constraints_name_none() -> None:
    assert named_values(Constraint(kind="unique", name="u", columns=("kind",))) is None


@pytest.fixture
def root(tmp_path: Path, database: Database) -> Path:
    (tmp_path / "schema-sync.toml").write_text(CONFIGURATION)
    database.run(TABLE)
    return tmp_path


def test_a_nondeterministic_collation_and_a_foreign_table_promise_nothing(root: Path, database: Database) -> None:
    database.run(
        "create extension file_fdw; create server s foreign data wrapper file_fdw;"
        " create foreign table far (kind text check (kind in ('a'))) server s options (filename '/dev/null')"
    )
    laws.update(root, database.dsn)
    text = (root / "schemas/database/entities.py").read_text()
    assert '    kind: Literal["a", "b"]\n' in text
    assert "    kind: Optional[str]\n" in text


def test_the_lock_does_not_tell_checks_and_says_so(root: Path, database: Database) -> None:
    laws.update(root, database.dsn)
    live, offline = laws.check(root, database.dsn), laws.check(root, "lock")
    assert not live.report.findings
    assert not offline.report.findings
    notes = [note.what for note in offline.report.not_checked]
    assert (notes, live.report.not_checked) == (["check-literals"], ())


def test_who_moved_a_check_is_unknown(root: Path, database: Database) -> None:
    laws.update(root, database.dsn)
    database.run(
        "alter table kinds drop constraint kinds_kind_check; alter table kinds add check (kind in ('a', 'c'))"
    )
    (finding,) = laws.check(root, database.dsn).report.findings
    assert (finding.rule, finding.moved) == ("column-type-mismatch", "unknown")


def test_without_the_key_checks_are_not_read(root: Path, database: Database) -> None:
    (root / "schema-sync.toml").write_text("")
    laws.update(root, database.dsn)
    assert "    kind: str\n" in (root / "schemas/database/entities.py").read_text()
