"""Whatever the database can send, the generated type admits; what it never sends, the type refuses.

Random types, names, labels and rows: created in PostgreSQL, generated in exact precision, as TypedDicts and as
pydantic models, validated by pydantic as PostgREST sends them, and type-checked by mypy and basedpyright.

    pytest tests/test_truth.py --hypothesis-profile=thorough
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
import warnings
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

import pytest
from databases import create_database, drop_database
from hypothesis import HealthCheck, given, note, settings
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import get_type_hints

from conftest import Database
from random_values import Table, World, identifier, worlds
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from schema_sync.model.declarations import Form
    from schema_sync.replay import embedded_server

pytestmark = pytest.mark.thorough

NUMBERS = count()
TARGETS = ("3.11", "3.14")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("target", ["typeddict", "pydantic"])
def test_whatever_comes_is_admitted(server: embedded_server.Server, home: Path, target: Form) -> None:
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(world=worlds())
    def each(world: World) -> None:
        name = f"truth_{next(NUMBERS)}"
        note(world.sql)
        database = Database(name, create_database(server, name))
        try:
            database.run(f"create extension citext; create extension hstore; create extension ltree;\n{world.sql}")
            generate(home, name, database, target)
            for table in world.tables:
                validate(name, table, database)
        finally:
            drop_database(server, name)

    each()
    check_types(home)


def generate(home: Path, package: str, database: Database, target: Form) -> None:
    """Write the code for *database* as a package of its own."""
    (home / f"{package}.toml").write_text(
        f"""
        schemas = ["public"]
        precision = "exact"
        target = "{target}"
        shapes = ["row", "insert", "update"]
        include = ["{package}/**/*.py"]
        [paths]
        enums = "{package}/enums.py"
        entities = "{package}/entities.py"
        relationships = "{package}/relationships.py"
        functions = "{package}/functions.py"
        aliases = "{package}/aliases.py"
        version = "{package}/version.py"
        lock = "{package}/lock.json"
        """
    )
    project = projects.open_project(home, config=f"{package}.toml", source=database.dsn)
    updates.write(project, updates.plan(project, checks.check(project)))
    again = checks.check(project)
    assert again.report.in_sync, [f.message for f in again.report.findings]
    assert not updates.plan(project, again).contents
    importlib.invalidate_caches()
    for path in sorted((home / package).rglob("*.py")):
        only_declarations(ast.parse(path.read_bytes()))


def only_declarations(tree: ast.Module) -> None:
    """Assert that a module imports, declares and documents, and does nothing else."""
    for statement in tree.body:
        assert isinstance(
            statement, ast.Import | ast.ImportFrom | ast.ClassDef | ast.Assign | ast.AnnAssign | ast.Expr
        ), ast.unparse(statement)
        if isinstance(statement, ast.Expr):
            assert isinstance(statement.value, ast.Constant)
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module = statement.module if isinstance(statement, ast.ImportFrom) else statement.names[0].name
            level = statement.level if isinstance(statement, ast.ImportFrom) else 0
            known = {"__future__", "enum", "pydantic", "typing", "typing_extensions", "uuid"}
            assert level or module in known or str(module).startswith("truth_"), ast.unparse(statement)


def validate(package: str, table: Table, database: Database) -> None:
    """Assert that each row, as JSON, is one of the table's row class, and that wrong values are none."""
    row_class = declared(package, f"Table: public.{sql_name(table.name)}")
    adapter = TypeAdapter(row_class)
    is_model = isinstance(row_class, type) and issubclass(row_class, BaseModel)
    hints = fields(row_class) if is_model else get_type_hints(row_class, include_extras=True)
    assert list(hints) == [column.name for column in table.columns]
    rows = database.run(f"select to_json(t)::text from {identifier(table.name)} t") if table.columns else []
    assert len(rows) == (len(table.rows) if table.columns else 0)
    for (text,) in rows:
        adapter.validate_json(text, strict=not is_model)
        if is_model:  # which supabase-py has decoded already
            adapter.validate_python(json.loads(text))
    for column in table.columns:
        single = TypeAdapter(hints[column.name])
        if (
            column.not_null
            and column.type.name not in {"json", "jsonb"}
            and not hides_null(database, table, column.name)
        ):
            refuses(single, "null")
        if column.of_enum:
            refuses(single, '"no such label, surely"')


def fields(model: type[BaseModel]) -> dict[str, Any]:
    """Return the annotations of a model by the key in a row."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def hides_null(database: Database, table: Table, column: str) -> bool:
    """Tell whether a column is a domain over json, in which a JSON null is not a null."""
    found = database.run(
        "with recursive chain as (select a.atttypid as oid from pg_attribute a"
        f" where attrelid = '{identifier(table.name).replace(chr(39), chr(39) * 2)}'::regclass"
        f" and attname = '{column.replace(chr(39), chr(39) * 2)}'"
        " union all select t.typbasetype from chain join pg_type t using (oid) where t.typtype = 'd')"
        " select 1 from chain where oid in ('json'::regtype, 'jsonb'::regtype)"
    )
    return bool(found)


def refuses(adapter: TypeAdapter[Any], text: str) -> None:
    with pytest.raises(ValidationError):
        adapter.validate_json(text)


def declared(package: str, marker: str) -> Any:
    """Return the row class with *marker*, be it a class or in the functional form."""
    for file in ("entities", "relationships"):
        try:
            module = importlib.import_module(f"{package}.{file}")
        except ModuleNotFoundError:
            continue
        tree = ast.parse(Path(str(module.__file__)).read_bytes())
        for statement, following in zip(tree.body, [*tree.body[1:], None], strict=True):
            body = statement.body[0] if isinstance(statement, ast.ClassDef) else following
            if not (isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant)):
                continue
            name = statement.name if isinstance(statement, ast.ClassDef) else assigned(statement)
            if str(body.value.value).removesuffix(".") in {marker, marker.removesuffix(".")} and not name.endswith(
                ("Insert", "Update")
            ):
                found = getattr(module, name)
                assert get_origin(found) is None
                return found
    raise AssertionError(f"no class is marked {marker!r}")


def assigned(statement: ast.stmt) -> str:
    return (
        statement.targets[0].id
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        else ""
    )


def sql_name(name: str) -> str:
    bare = name.isascii() and name.isidentifier() and name == name.lower()
    return name if bare else identifier(name)


def check_types(home: Path) -> None:
    """Assert that mypy --strict and basedpyright find nothing in all that was written."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    (home / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')
    for target in TARGETS:
        commands = (
            [sys.executable, "-m", "mypy", "--strict", "--python-version", target, "--no-error-summary", "."],
            [sys.executable, "-m", "basedpyright", "--level", "error", "--pythonversion", target, "."],
        )
        for command in commands:
            done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, env=environment)
            assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


warnings.filterwarnings("ignore", category=UserWarning, module="pydantic")
