"""What a check prints again, and what makes it look anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.reports.formats import FORMATS
from schema_sync.usecases import check as checks
from schema_sync.usecases import unchanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

SQL = """
create type status as enum ('a', 'b');
create table orders (id int primary key, name text not null, state status not null);
create table users (id int primary key);
"""
FILES = {
    "schema-sync.toml": 'title = "T"\nrequire = "all"\n',
    ".env": "SUPABASE_URL=https://x.supabase.co\n",
    "supabase/config.toml": '[api]\nschemas = ["public"]\n',
    "supabase/migrations/20240101000000_first.sql": SQL,
    "app/queries.py": 'from supabase import create_client\n\ncreate_client("", "").table("orders").select("id").execute()\n',
}
ENTITIES = "schemas/database/entities.py"
CHANGES = (
    "alter table orders add column note text",
    "alter table orders alter column name drop not null",
    "alter table users rename to people",
    "alter type status add value 'c'",
    "comment on table orders is 'Orders'",
    "insert into supabase_migrations.schema_migrations values ('20240101000000')",
    "create function total() returns int language sql as 'select 1'",
)


class Project:
    """A project in sync but for its row class, and how often a check looked at the database and the code."""

    def __init__(self, root: Path, database: Database, capture: pytest.CaptureFixture[str]) -> None:
        self.root, self.database, self._capture, self.looked = root, database, capture, 0

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(["check", "--source", self.database.dsn, *arguments])
        return code, *self._capture.readouterr()

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new))


@pytest.fixture
def project(
    tmp_path: Path,
    database: Database,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Project:
    database.run(SQL)
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path, database, capsys)
    assert cli.run(["update", "-q", "--source", database.dsn]) == 0
    assert cli.run(["baseline", "-q", "--source", database.dsn]) == 0
    made.edit(ENTITIES, "name: str", "name: int")
    capsys.readouterr()
    real = checks.check

    def counted(*arguments: object, **options: object) -> checks.Outcome:
        made.looked += 1
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(checks, "check", counted)
    return made


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_bytes_in_each_format(project: Project, name: str) -> None:
    for options in ((), ("-v",), ("-q",), ("--fail-on", "never")):
        project.looked = 0
        first = project.run("--format", name, *options)
        assert project.run("--format", name, *options) == first
        assert project.looked == 1
        assert first[0] == (0 if "never" in options else 1)


def test_green_is_printed_again(project: Project) -> None:
    project.edit(ENTITIES, "name: int", "name: str")
    first = project.run()
    assert (first[0], project.looked) == (0, 1)
    assert "in sync" in first[1]
    assert project.run() == first
    assert project.looked == 1


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_in_the_database_is_seen(project: Project, change: str) -> None:
    project.run("-v")
    project.database.run(change)
    seen = project.run("-v")
    assert project.looked == 2
    assert seen == project.run("-v", "--no-cache")


def test_each_file_that_is_read_counts(project: Project) -> None:
    command = ["-m", "schema_sync", "check", "--no-cache", "-v", "--source", project.database.dsn]
    script = (
        "import runpy, sys\n"
        "sys.addaudithook(lambda event, arguments: event == 'open' and print('opened', arguments[0]))\n"
        f"sys.argv = {command[1:]!r}\n"
        "runpy.run_module('schema_sync', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    opened = {line.removeprefix("opened ") for line in done.stdout.splitlines() if line.startswith("opened ")}
    read = {path for path in opened if path.startswith(f"{project.root}/") and not path.endswith("/.git")}
    assert {str(project.root / path) for path in FILES if path != ".env"} <= read  # the source is given
    for path in read:
        project.run()
        project.looked = 0
        more = '[severity]\ncolumn-removed = "low"\n' if path.endswith("/schema-sync.toml") else "\n"
        with Path(path).open("a") as file:
            file.write(more)
        project.run()
        assert project.looked == 1, path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/new.py", "x = 1\n"),
        ("supabase/migrations/20240102000000_next.sql", "select 1;\n"),
        ("schemas/enums.py", None),
    ],
)
def test_a_file_that_comes_or_goes_is_seen(project: Project, path: str, text: str | None) -> None:
    project.run()
    if text is None:
        (project.root / path).unlink()
    else:
        (project.root / path).write_text(text)
    assert project.run() == project.run("--no-cache")
    assert project.looked == 3


def test_how_it_is_called_counts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.run()
    for options in (
        ("-v",),
        ("-q",),
        ("--fail-on", "high"),
        ("--format", "json"),
        ("--confidence", "certain"),
        ("--schema", "public"),
    ):
        project.looked = 0
        project.run(*options)
        assert project.looked == 1, options
    project.looked = 0
    monkeypatch.setenv("SOME_VARIABLE", "1")
    project.run()
    assert project.looked == 1
    monkeypatch.setattr(unchanged, "_today", lambda: "2000-01-01")
    project.run()
    assert project.looked == 2


def nothing(_project: Project) -> None: ...


def judge_sql(project: Project) -> None:
    (project.root / "schema-sync.toml").write_text('require = "all"\njudge-sql = true\n')
    (project.root / "app/sql.py").write_text(
        'import psycopg\n\npsycopg.connect("").execute("select id from orders")\n'
    )


def break_a_class(project: Project) -> None:
    (project.root / "schemas/broken.py").write_text("class X(:\n")


@pytest.mark.parametrize(
    ("arrange", "options"),
    [
        (nothing, ("--no-cache",)),
        (nothing, ("--output", "json:report.json")),
        (judge_sql, ()),
        (break_a_class, ()),
    ],
)
def test_what_is_never_kept(
    project: Project, arrange: Callable[[Project], None], options: tuple[str, ...]
) -> None:
    arrange(project)
    project.run(*options)
    project.run(*options)
    assert project.looked == 2


def test_files_that_change_during_a_check_are_not_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real = checks.check

    def edited(*arguments: object, **options: object) -> checks.Outcome:
        (project.root / ".env").write_text("SUPABASE_URL=https://y.supabase.co\n")
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(checks, "check", edited)
    project.run()
    monkeypatch.setattr(checks, "check", real)
    (project.root / ".env").write_text(FILES[".env"])
    project.run()
    assert project.looked == 2


def test_a_source_of_files_keeps_nothing(project: Project, cache: Path) -> None:
    assert cli.run(["check", "--source", "lock"]) == 1
    assert not list(cache.rglob("results-*"))
