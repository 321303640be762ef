"""What a command imports: what it uses, and nothing that is slow in vain (ARCHITECTURE.md, "Imports")."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from command_project import REPOSITORY, SCHEMA, Project, project

from schema_sync import cli

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["project"]  # fixture

GOLDEN = REPOSITORY / "tests/golden"
OUTPUT = "imported: "
PROGRAM = (
    "import sys; from schema_sync.cli import run; code = run(sys.argv[1:]);"
    f" print({OUTPUT!r} + ' '.join(sys.modules)); sys.exit(code)"
)
SLOW = {
    *("asyncio", "concurrent.futures", "dataclasses", "dotenv", "email", "importlib.metadata", "importlib.resources"),
    *("logging", "psycopg", "socket", "ssl", "subprocess", "tempfile", "tomllib", "traceback", "zipfile"),
    *("jinja2", "rich", "rich.console"),
}  # fmt: skip
READING = {"schema_sync.codebase.reader", "schema_sync.codebase.queries.reader", "schema_sync.codebase.scope"}
"""What parses Python: the results of the last run are in the user's cache."""


def imported(project: Project, *arguments: str) -> set[str]:
    """The modules that a command in the project imports, click's and msgspec's left out."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    cache = {"XDG_CACHE_HOME": str(project.root / ".cache"), "SCHEMA_SYNC_NO_CACHE": ""}
    environment = os.environ | cache
    done = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, text=True, check=True)
    libraries = [sys.executable, "-c", "import sys, click, msgspec; print(*sys.modules)"]
    known = subprocess.run(libraries, capture_output=True, text=True, check=True).stdout.split()
    return {*done.stdout.splitlines()[-1].removeprefix(OUTPUT).split()} - {*known}


def compare_with_golden(name: str, modules: set[str], *, update: bool) -> None:
    golden = GOLDEN / name
    text = "".join(f"{each}\n" for each in sorted(modules) if each.startswith("schema_sync"))
    if update:
        golden.write_text(text)
    assert text == golden.read_text(), "import it where it is used; else: pytest --update-cases"


def test_the_version(project: Project, pytestconfig: pytest.Config) -> None:
    modules = imported(project, "--version")
    assert modules & SLOW == set()
    compare_with_golden("imports_version.txt", modules, update=pytestconfig.getoption("--update-cases"))


def test_a_check_with_the_lock(
    project: Project, database: Database, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    database.run(SCHEMA)
    assert project.run("update", "--source", database.dsn)[0] == 0
    for _ in range(2):  # the second finds what the first has read
        modules = imported(project, "check", "--source", "lock")
    assert modules & SLOW == set()
    assert modules & READING == set()
    compare_with_golden("imports_check.txt", modules, update=pytestconfig.getoption("--update-cases"))


def test_what_compares_is_imported_while_the_server_works(project: Project, database: Database) -> None:
    database.run(SCHEMA)
    command = [sys.executable, "-c", PROGRAM, "check", "--source", database.dsn]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    in_order = done.stdout.splitlines()[-1].removeprefix(OUTPUT).split()
    late = ("schema_sync.postgres.catalog_rows", "schema_sync.compare.compare", "schema_sync.compare.pairs")
    assert in_order.index("schema_sync.postgres.session") < min(map(in_order.index, late))


def test_each_command_is_in_the_module_that_the_table_names() -> None:
    modules = {path.stem for path in Path(cli.__file__).parent.glob("*.py")} - {"__init__"}
    assert {
        name.removesuffix("_command"): module
        for module in modules
        for name, value in vars(import_module(f"schema_sync.cli.{module}")).items()
        if isinstance(value, click.Command) and name.endswith("_command")
    } == cli.MODULES
    for name in cli.MODULES:
        command = cli.cli.get_command(click.Context(cli.cli), name)
        assert command is not None
        assert command.name == name
