"""Types chosen by hand: the most exact key wins, comments are hostile, what matches nothing is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import laws
from schema_sync.codebase.reader import read_sources
from schema_sync.compare.chosen_types import classes_in, in_code, in_comment
from schema_sync.mapping.expressions import parse_type, stated_type
from schema_sync.mapping.overrides import Overrides
from schema_sync.model.catalog import QName, TypeRef

if TYPE_CHECKING:
    from conftest import Database

NUMERIC = TypeRef(name=QName(schema="pg_catalog", name="numeric"))
MOOD = TypeRef(name=QName(schema="public", name="mood"))


@pytest.mark.parametrize(
    ("types", "ref", "schema", "expected"),
    [
        (("numeric",), NUMERIC, "public", "numeric"),
        (("Decimal",), NUMERIC, "public", "Decimal"),
        (("numeric", "other:numeric"), NUMERIC, "other", "other:numeric"),
        (("numeric", "other:numeric"), NUMERIC, "public", "numeric"),
        (("mood", "public.mood"), MOOD, "public", "public.mood"),
        (("public.mood", "public:mood"), MOOD, "public", "public:mood"),
        (("public:mood", "public:public.mood"), MOOD, "public", "public:public.mood"),
        (("Mood", "other.mood"), MOOD, "public", None),
        ((), MOOD, "public", None),
    ],
)
def test_the_most_exact_key_wins(types: tuple[str, ...], ref: TypeRef, schema: str, expected: str | None) -> None:
    for order in (types, types[::-1]):
        assert Overrides(dict.fromkeys(order, "int")).key_of(ref, schema) == expected


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("@type(myapp.settings.Settings)", "myapp.settings.Settings"),
        ("The settings.\n@type( list[a.B | None] ) of it", "list[a.B | None]"),
        ("@type(dict[str, a.B])", "dict[str, a.B]"),
        ("@type(int)", "int"),
        ("no type", None),
        (None, None),
        ("@type(Settings)", None),
        ("@type(print)", None),
        ("@type(a.b())", None),
        ("@type(a.b; import os)", None),
        ("@type('a')", None),
        ("@type(a.b\n)", None),
        ("@type(a.b#)", None),
        ("@type(a..b)", None),
        ("@type(a.class)", None),
        ("@type(a.b, c.d)", None),
        ("@type(a[0])", None),
        ("@type(1.5)", None),
        ("@type(" + "list[" * 60 + "int" + "]" * 60 + ")", None),
        ("@type(аpp.Settings)", None),  # a Cyrillic letter
        ("@type(", None),
        ("@type()", None),
    ],
)
def test_a_comment_chooses_a_type_or_nothing(comment: str | None, expected: str | None) -> None:
    found = in_comment(comment)
    assert found == (None if expected is None else parse_type(expected))


@pytest.mark.parametrize("text", ["Decimal", "list[Settings]", "len", "f().x", "a[0].b", "(1).real"])
def test_a_name_that_cannot_be_imported_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a "):
        stated_type(text)


def test_a_chosen_type_is_found_in_the_code() -> None:
    codebase = read_sources(
        {
            "src/app/models.py": "from typing import NewType, TypedDict\n\nclass A(TypedDict):\n    x: int\n\n"
            "Id = NewType('Id', int)\nIds = list[Id]\n\nclass Plain:\n    pass\n",
            "src/app/decimal.py": "Decimal = list[int]\n",
            "src/app/__init__.py": "",
        }
    )
    for text, expected in {
        "app.models.A": "src/app/models.py:A",
        "list[app.models.A]": "src/app/models.py:A",
        "app.models.Id": "int",
        "app.models.Plain": "?",
        "app.models.Gone": "app.models.Gone",
        "other.models.A": "other.models.A",
        "decimal.Decimal": "decimal.Decimal",
    }.items():
        found = in_code(parse_type(text), codebase)
        assert (found.args[0] if found.args else found).name == expected
    assert str(in_code(parse_type("app.models.Ids"), codebase)) == "list[int]"
    assert classes_in(in_code(parse_type("list[app.models.A]"), codebase)) == {"src/app/models.py:A"}


def test_what_is_chosen_in_vain_is_said(tmp_path: Path, database: Database) -> None:
    database.run(
        "create domain cents as numeric; create table t (a cents, b int);"
        " comment on column t.b is '@type(nonsense(1))'; create type pair as (x uuid)"
    )
    (tmp_path / "schema-sync.toml").write_text(
        '[types]\nnumeric = "decimal.Decimal"\nuuid = "uuid.UUID"\nmoney = "str"\n"public.t.c" = "int"\n'
        '"other:numeric" = "int"\n"public.pair.x" = "uuid.UUID"\n'
    )
    notes = {n.what: n.why for n in laws.check(tmp_path, database.dsn).report.not_checked}
    assert set(notes) == {"types.money", "types.public.t.c", "types.other:numeric", "comment on public.t.b: @type"}


@pytest.mark.parametrize("scanned", [True, False])
def test_a_chosen_class_replaces_what_stands_and_stays(tmp_path: Path, database: Database, scanned: bool) -> None:
    database.run("create table t (a jsonb not null, b text)")
    include = ', "myapp/**/*.py"' if scanned else ""
    (tmp_path / "schema-sync.toml").write_text(
        f'include = ["schemas/**/*.py"{include}]\n[types]\n"public.t.a" = "list[myapp.models.Settings]"\n'
        '"public.t.b" = "myapp.models.Kind"\n'
    )
    (tmp_path / "myapp").mkdir()
    (tmp_path / "myapp/models.py").write_text(
        "from enum import Enum\nfrom typing import TypedDict\n\nclass Settings(TypedDict):\n    x: int\n\n"
        "class Kind(str, Enum):\n    A = 'a'\n"
    )
    entities = tmp_path / "schemas/database/entities.py"
    entities.parent.mkdir(parents=True)
    entities.write_text(
        "from typing import Any, TypedDict\n\nclass TRow(TypedDict):\n    a: dict[str, Any]\n    b: str | None\n"
    )
    laws.update(tmp_path, database.dsn)
    text = entities.read_text()
    assert "from myapp.models import Kind, Settings\n" in text
    assert "    a: list[Settings]\n    b: Kind | None\n" in text
    laws.assert_stable(tmp_path, database.dsn)
