"""What update writes in exact precision, against real rows: every value is admitted, what cannot come is refused.

The rows are ``to_json`` of the server, which is what PostgREST and so supabase-py give; pydantic and the type
checkers judge. Where the figures of other generators are quoted, this is how ours is measured.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import torture
from psycopg import sql
from pydantic import TypeAdapter, ValidationError

import laws
from schema_sync.codebase.chosen_files import collect
from schema_sync.codebase.reader import read_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Database

CONFIGURATION = """
schemas = ["public", "other"]
precision = "exact"
include = ["generated/**/*.py"]
[paths]
enums = "generated/enums.py"
entities = "generated/entities.py"
relationships = "generated/relationships.py"
aliases = "generated/aliases.py"
"""
COLUMNS = """
select n.nspname || '.' || c.relname, a.attname, t.typname,
       (a.attnotnull or t.typnotnull) and c.relkind in ('r', 'p') and t.typname not in ('json', 'jsonb'),
       coalesce(nullif(t.typbasetype, 0), t.oid) in (select e.enumtypid from pg_enum e)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
join pg_type t on t.oid = a.atttypid
where n.nspname in ('public', 'other') and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
order by 1, a.attnum
"""


@pytest.fixture
def project(tmp_path: Path, database: Database) -> Path:
    torture.make(database.dsn, "types")
    (tmp_path / "schema-sync.toml").write_text(CONFIGURATION)
    laws.update(tmp_path, database.dsn)
    return tmp_path


@pytest.fixture
def classes(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Any]]:
    """The generated row classes by relation."""
    monkeypatch.syspath_prepend(str(project))
    found: dict[str, Any] = {}
    for row in read_sources(*collect(project, ["generated/**/*.py"])).rows:
        module = importlib.import_module(f"generated.{Path(row.at.path).stem}")
        word, _, name = (row.doc or "").partition(": ")
        if word in {"Table", "View"}:
            found[name] = getattr(module, row.name)
    yield found
    for name in [name for name in sys.modules if name.partition(".")[0] == "generated"]:
        del sys.modules[name]


def rows(database: Database, relation: str) -> list[str]:
    query = sql.SQL("select to_json(t)::text from {} t").format(sql.Identifier(*relation.split(".")))
    with psycopg.connect(database.dsn, prepare_threshold=None) as session:
        return [text for (text,) in session.execute(query).fetchall()]


def test_every_row_is_admitted(database: Database, classes: Mapping[str, Any]) -> None:
    relations = {relation for relation, *_ in database.run(COLUMNS)} | {"public.t_zero_cols"}
    assert classes.keys() == relations
    count = 0
    for relation, cls in classes.items():
        keys = set(typing.get_type_hints(cls))
        adapter = TypeAdapter(cls)
        for text in rows(database, relation):
            adapter.validate_json(text, strict=True)
            assert json.loads(text).keys() == keys
            count += 1
    assert count > 45


def test_every_column_says_more_than_any_and_refuses_what_cannot_come(
    database: Database, classes: Mapping[str, Any]
) -> None:
    columns = database.run(COLUMNS)
    assert len(columns) > 180
    never_null = labelled = 0
    for relation, column, type_name, not_null, is_enum in columns:
        hint = typing.get_type_hints(classes[relation])[column]
        assert "Any" not in str(hint), (relation, column)
        adapter = TypeAdapter(hint)
        for text in rows(database, relation):
            adapter.validate_json(json.dumps(json.loads(text)[column]), strict=True)
        if not_null:
            never_null += 1
            assert refuses(adapter, None), (relation, column)
        if is_enum:
            labelled += 1
            assert refuses(adapter, "zz_no_such_label"), (relation, column)
        if type_name not in {"json", "jsonb"}:
            assert refuses(adapter, {"zz": {"no": "such"}}), (relation, column)
        if type_name in {"int4", "bool", "float8", "numeric"}:
            assert refuses(adapter, "1"), (relation, column)
    assert never_null > 30
    assert labelled > 8


def refuses(adapter: TypeAdapter[Any], value: object) -> bool:
    try:
        adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("version", ["3.11", pytest.param("3.14", marks=pytest.mark.thorough)])
def test_type_checkers_find_nothing(project: Path, version: str) -> None:
    use = project / "use.py"
    use.write_text(
        "from typing import assert_type\n\nfrom generated.aliases import Array, Json\n"
        "from generated.entities import TArrayRow\n\n\n"
        "def first(row: TArrayRow) -> None:\n"
        '    marks = row["c_int_arr"]\n'
        "    assert_type(marks, Array[int] | None)\n"
        '    row["c_int_arr"] = [[1, 2], [3, None]]\n'
        '    value: Json = {"a": [1, None, {"b": 2.5}]}\n'
        '    row["c_json_arr"] = [value, [None]]\n'
    )
    for command in (
        ["mypy", "--strict", "--python-version", version, "--cache-dir", str(project / ".cache"), "."],
        ["basedpyright", "--pythonversion", version, "--level", "error", "."],
    ):
        program = Path(sys.executable).parent / command[0]
        ran = subprocess.run([program, *command[1:]], cwd=project, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
