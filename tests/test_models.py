"""New pydantic models: they load, take every row of a database with hostile names, and satisfy type checkers."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic
import pytest
import torture

import casefile
import laws

if TYPE_CHECKING:
    from types import ModuleType

    from conftest import Database

CASES = Path(__file__).parent / "cases"
CONFIGURATION = 'target = "pydantic"\nschemas = ["public", "other"]\n'
ENTITIES = Path("schemas/database/entities.py")


def written(root: Path, database: Database, sql: str, configuration: str = CONFIGURATION) -> Path:
    database.run(sql)
    (root / "schema-sync.toml").write_text(configuration)
    laws.update(root, database.dsn)
    return root / ENTITIES


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)  # warnings are errors: none hides an attribute of BaseModel
    return module


def models(module: ModuleType) -> list[tuple[str, type[pydantic.BaseModel]]]:
    """Return the models with what their markers name, unquoted only as PostgreSQL needs it."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    own = [c for c in classes if issubclass(c, pydantic.BaseModel) and c.__module__ == module.__name__]
    return [(re.sub(r"^\w+: |(?<=\")\.$", "", c.__doc__ or ""), c) for c in own]


@pytest.fixture
def hostile(tmp_path: Path, database: Database) -> Path:
    return written(tmp_path, database, torture.script(database.dsn, "names"))


def test_every_row_validates(hostile: Path, tmp_path: Path, database: Database) -> None:
    found = models(load(hostile, "hostile_entities"))
    assert len(found) > 30
    for name, model in found:
        rows = database.run(f"select to_json(r)::text from {name} r")
        assert rows or "view" in name
        for (text,) in rows:
            row: dict[str, Any] = json.loads(text)
            made = model.model_validate(row)
            assert made.model_dump(by_alias=True).keys() == row.keys()
            by_name = model.model_validate(made.model_dump())
            assert by_name == made
    assert laws.check(tmp_path, database.dsn).report.in_sync
    laws.assert_stable(tmp_path, database.dsn)


@pytest.mark.parametrize("precision", ["plain", "exact"])
def test_what_comes_of_each_type_validates(
    tmp_path: Path, database: Database, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = f"typed_{precision}"  # a package of its own: entities import from it
    paths = "".join(f'{name} = "{package}/{name}.py"\n' for name in ("entities", "aliases"))
    written(
        tmp_path,
        database,
        """create table t (id uuid primary key default gen_random_uuid(), a timestamptz, b timestamp, c date, d time,
           e timetz, f interval, g numeric, h bytea, i inet, j jsonb, k uuid[], l numeric[], m int8, n float4);
           insert into t (a, b, c, d, e, f, g, h, i, j, k, l, m, n) values (now(), now(), now(), now()::time, now()::timetz,
           '1 day', 1.5, '\\x00', '10.0.0.1', '{}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', '{1.5}', 7, 1.5);
           insert into t default values;""",
        f'target = "pydantic"\nprecision = "{precision}"\ninclude = ["{package}/*.py"]\n[paths]\n{paths}',
    )
    if precision == "exact":  # values for which Python has no object
        database.run("insert into t (a, b, c, d) values ('infinity', '-infinity', '0044-03-15 BC', '24:00')")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = models(importlib.import_module(f"{package}.entities"))
    for (text,) in database.run("select to_json(t)::text from t"):
        found[1].model_validate_json(text)
        found[1].model_validate(json.loads(text))


WRITER = """
from uuid import UUID

from sent_notes.entities import NoteInsert, NoteRow, NoteUpdate

INSERT = NoteInsert.model_validate({"class": "a", "settings": {"a": 1}})
UPDATE = NoteUpdate(at=None, owner=UUID(int=1))


def age(row: NoteRow) -> int:
    return row.id
"""


@pytest.mark.thorough
def test_what_models_write_is_taken(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PostgREST inserts and updates: the columns that the JSON has, and no others."""
    written(
        tmp_path,
        database,
        """create table notes (id int generated always as identity, "class" text not null, at date default now(),
           made timestamptz not null default now(), owner uuid not null default gen_random_uuid(),
           settings jsonb not null)""",
        'target = "pydantic"\nshapes = ["row", "insert", "update"]\ninclude = ["sent_notes/*.py"]\n'
        '[paths]\nentities = "sent_notes/entities.py"\n',
    )
    (tmp_path / "note_sender.py").write_text(WRITER)
    monkeypatch.syspath_prepend(tmp_path)
    writer, entities = importlib.import_module("note_sender"), importlib.import_module("sent_notes.entities")
    for made, sql in (
        (writer.INSERT, "insert into notes ({0}) select {0} from json_populate_record(null::notes, '{1}')"),
        (writer.UPDATE, "update notes set ({0}) = (select {0} from json_populate_record(null::notes, '{1}'))"),
    ):
        sent = made.model_dump(mode="json", exclude_unset=True, by_alias=True)
        assert len(sent) == 2
        database.run(sql.format(", ".join(f'"{key}"' for key in sent), json.dumps(sent)))
    ((text,),) = database.run("select to_json(n)::text from notes n")
    row = entities.NoteRow.model_validate_json(text)
    assert (row.class_, row.at, row.owner.int, row.settings) == ("a", None, 1, {"a": 1})
    assert row.made
    run(tmp_path, "mypy", "--strict", "note_sender.py")
    run(
        tmp_path,
        "basedpyright",
        "--level",
        "error",
        "--pythonpath",
        sys.executable,
        "note_sender.py",
        "sent_notes",
    )


@pytest.mark.thorough
def test_type_checkers_find_nothing(hostile: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin.ini"
    plugin.write_text("[mypy]\nplugins = pydantic.mypy\n[pydantic-mypy]\ninit_typed = True\n")
    (tmp_path / "none.ini").write_text("[mypy]\n")
    for configuration in (tmp_path / "none.ini", plugin):
        run(tmp_path, "mypy", "--strict", "--config-file", str(configuration), str(hostile))
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"include": [str(ENTITIES)], "typeCheckingMode": "strict", "pythonVersion": "3.11"})
    )
    run(tmp_path, "basedpyright", "--pythonpath", sys.executable, "--project", str(tmp_path))


def run(root: Path, module: str, *arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


# ---- classes that were edited


EDITED = sorted([*(CASES / "pydantic").glob("*.case"), *(CASES / "dataclasses").glob("*.case")])
IMPORT = """
import importlib, sys, types, warnings
sys.path.insert(0, ".")
elsewhere = types.ModuleType("elsewhere")
elsewhere.Base, elsewhere.CONFIG = type("Base", (), {}), {}
sys.modules["elsewhere"] = elsewhere
warnings.simplefilter("error")
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


@pytest.mark.parametrize("path", EDITED, ids=[f"{path.parent.name}/{path.stem}" for path in EDITED])
@pytest.mark.thorough
def test_what_an_update_leaves_behind_loads(path: Path, tmp_path: Path) -> None:
    """Without warnings, before and after: pydantic makes its validators when a class is made."""
    case = casefile.load(path)
    for number, files in enumerate(
        [case.before, case.before | case.after, case.before | case.after | case.pruned]
    ):
        root = tmp_path / str(number)
        root.mkdir()
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        names = [name.removesuffix(".py").replace("/", ".") for name in files]
        result = subprocess.run(
            [sys.executable, "-c", IMPORT, *names], cwd=root, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr


# ---- what is said of them


def test_what_cannot_be_told_is_reported_and_what_is_unbound_is_not(tmp_path: Path, database: Database) -> None:
    case = casefile.load(CASES / "pydantic" / "keys_that_cannot_be_told.case")
    entities = tmp_path / ENTITIES
    entities.parent.mkdir(parents=True)
    entities.write_text(f"{case.before[str(ENTITIES)]}\n\nclass Free(BaseModel):\n    a: Nowhere\n")
    database.run(case.database)
    report = laws.check(tmp_path, database.dsn).report
    assert [(note.what.partition(": ")[2], note.why) for note in report.not_checked] == [
        ("UserRow, which maps to public.users", "its alias_generator is not one of pydantic's own"),
        ("OtherUser, which maps to public.users", "its base elsewhere.Base is not in the scanned files"),
        ("ConfiguredUser, which maps to public.users", "its model_config cannot be determined from its source"),
    ]
    assert not report.unmatched
    entities.write_text("class UserRow(BaseModel):\n    id: Nowhere\n    mail: list[Nowhere]\n")
    entities.write_text(f"from pydantic import BaseModel\n{entities.read_text()}")
    (note,) = laws.check(tmp_path, database.dsn).report.not_checked
    assert note.what == "2 annotations"
