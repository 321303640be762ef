"""Text names the project's files as they are seen from the current folder, other formats relative to the project."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli, project_folder

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

SQL = """
create type status as enum ('a', 'b');
create table orders (id int primary key, name text not null, st status, total numeric);
create table users (id int primary key);
"""
ROWS = '''from enum import Enum
from typing import TypedDict


class OrderRow(TypedDict):
    """Table: public.orders"""

    id: int
    name: str
    legacy: str


class Status(str, Enum):
    a = "a"
    b = compute()
'''
QUERIES = """from supabase import create_client

client = create_client("", "")


def read(table, column):
    client.table("orders").select("id, nme, legacy").execute()
    client.table(table).select("x").execute()
    client.table("ordrs").select("x").eq(column, 1).execute()
"""
MIGRATION = "supabase/migrations/20240101000000_first.sql"
FILES = {
    "schema-sync.toml": 'title = "T"\n',
    ".env": "SUPABASE_URL=https://x.supabase.co\n",
    MIGRATION: SQL,
    "schemas/my rows.py": ROWS,
    "app/deep/queries.py": QUERIES,
    "app/broken.py": "def broken(:\n",
}
RECORDS = ("schemas/schema_lock.json", "schemas/schema_version.py", "schemas/schema_baseline.json")
FOLDERS = ("supabase/migrations",)
MENTION = re.compile("|".join(map(re.escape, (*FILES, *RECORDS, *FOLDERS, "schemas/database/entities.py"))))
Place = tuple[str, str]


class Project:
    """A project, and what a command prints in one of its folders."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.root, self._capture, self._patch = root, capture, patch

    def run(self, folder: str, *arguments: str, start: Path | None = None) -> tuple[int, str, str]:
        self._patch.chdir(self.root / folder)
        code = cli.run([*arguments], start=start)
        return code, *self._capture.readouterr()


@pytest.fixture
def project(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    database.run(SQL)
    monkeypatch.setenv("DATABASE_URL", database.dsn)
    root = tmp_path / "repository"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / ".git").mkdir()
    (root / "other").mkdir()
    return Project(root, capsys, monkeypatch)


def seen(path: str, way: str) -> str:
    """A path of the project seen from a folder that *way* leads from to the project; from app/deep it is near."""
    near = {"app/deep/queries.py": "queries.py", "app/broken.py": "../broken.py"}
    return near[path] if way == "../../" and path in near else way + path


COMMANDS = (
    (("check", "-v"), 1, ("Used in {app/deep/queries.py}:7", "\n  {app/deep/queries.py}:9", "bound by marker: {schemas/my rows.py}:")),
    (("check",), 1, ("not checked: {schemas/my rows.py}:13: Status", "the first in {app/deep/queries.py}:8", "configuration: {schema-sync.toml}\n")),
    (("diff",), 0, ("  {schemas/my rows.py}:10: critical column-removed", "declared at {schemas/my rows.py}:10 (", "+++ b/schemas/my rows.py")),
    (("update", "--dry-run"), 0, ("not checked: {schemas/my rows.py}:13",)),
    (("update",), 1, ("Updated {schemas/my rows.py}", "Updated {schemas/schema_lock.json}", "declared at {schemas/my rows.py}:")),
    (("uses", "orders"), 0, ("\n{app/deep/queries.py}:7:",)),
    (("report", "--output", "text:report.txt"), 0, ("not checked: {schemas/my rows.py}:13", "written to report.txt")),
    (("baseline",), 0, ("✓ {schemas/schema_baseline.json}: ",)),
    (("analyze",), 0, ("the first in {app/deep/queries.py}:9",)),
    (("doctor",), 0, ("file: {schema-sync.toml}", "the first in {app/deep/queries.py}:8", "none in {schemas/schema_version.py}", "lock: {schemas/schema_lock.json}: No such")),
    (("migrations", "check", "--all"), 0, ("Migrations: {supabase/migrations} (", "\n{" + MIGRATION + "}\n  [")),
    (("check", "--source", "migrations"), 1, ("source: migrations, {supabase/migrations}\n",)),
    (("check", "--source", "lock"), 3, ("Error: {schemas/schema_lock.json}: No such file",)),
    (("check", "--source", "postgrest"), 2, ("Error: no key for SUPABASE_URL",)),
    (("list", "tables"), 0, ("  OrderRow {schemas/my rows.py}:",)),
)  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "lines"), COMMANDS, ids=[" ".join(row[0]) for row in COMMANDS])
@pytest.mark.parametrize(
    ("folder", "way"), [("", ""), ("other", "../"), ("app/deep", "../../"), ("..", "repository/")]
)
def test_of_a_command(
    project: Project,
    folder: str,
    way: str,
    arguments: tuple[str, ...],
    code: int,
    lines: tuple[str, ...],
) -> None:
    start = project.root if folder == ".." else None  # as a script that stands in the project
    got, out, err = project.run(folder, *arguments, start=start)
    text = out + err
    for line in lines:
        assert re.sub(r"\{([^}]*)\}", lambda name: seen(name[1], way), line) in text
    assert got == code
    said = "\n".join(line for line in text.split("\n") if not line.startswith(("+", "-")))  # no diff
    for found in MENTION.finditer(said):
        assert said[: found.start()].endswith(way), found


@pytest.mark.parametrize("name", ["json", "jsonl", "sarif", "gitlab", "github", "junit", "markdown", "html"])
def test_other_formats_do_not_depend_on_the_folder(project: Project, name: str) -> None:
    here = project.run("", "check", "--format", name)[1]
    assert "schemas/my rows.py" in here.replace("%20", " ")
    for folder in ("other", "app/deep"):
        assert project.run(folder, "check", "--format", name)[1] == here
    assert project.run("..", "check", "--format", name, start=project.root)[1] == here


def test_json_of_doctor_and_migrations(project: Project) -> None:
    for command in (("doctor", "--format", "json"), ("migrations", "check", "--format", "json")):
        assert project.run("app/deep", *command)[1] == project.run("", *command)[1]


def test_a_class_that_cannot_be_read(project: Project) -> None:
    shutil.copy(project.root / "app/broken.py", project.root / "schemas/broken.py")
    err = project.run("other", "check")[2]
    assert "could not read ../schemas/broken.py:1:" in err
    err = project.run("other", "update")[2]
    assert "Error: ../schemas/broken.py:1:" in err


def test_a_wrong_configuration(project: Project) -> None:
    (project.root / "schema-sync.toml").write_text("titel = 1\n")
    assert project.run("app/deep", "check")[2].startswith("Error: ../../schema-sync.toml: unknown key titel\n")
    (project.root / "schema-sync.toml").unlink()
    (project.root / "pyproject.toml").write_text("[tool.schema-sync]\n")
    (project.root / "app/pyproject.toml").write_text("")
    assert "configuration: ../pyproject.toml\n" in project.run("app", "check")[2]


def test_what_was_typed_stays_as_it_is(project: Project) -> None:
    (project.root / "saved.json").write_text("{}")
    err = project.run("other", "snapshot", "--output", "saved.json")[2]
    assert "✓ Snapshot written to saved.json\n" in err
    assert "Error: other/none.json" not in project.run("other", "check", "--source", "snapshot:none.json")[2]
    assert "Error: none.json: No such file" in project.run("other", "check", "--source", "snapshot:none.json")[2]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("a/b.py", "../a/b.py"),
        ("see a/b.py.", "see ../a/b.py."),
        ("'a/b.py':3 (a/b.py:4), \"a/b.py\"", "'../a/b.py':3 (../a/b.py:4), \"../a/b.py\""),
        ("no a/b.pyi, x/a/b.py, /a/b.py, ../a/b.py, b/a/b.py", "no a/b.pyi, x/a/b.py, /a/b.py, ../a/b.py, b/a/b.py"),
        ("a b.py-x a b.py", "a b.py-x ../a b.py"),
        ("a/sub is a folder, sub and a are words", "../a/sub is a folder, sub and a are words"),
        ("gone.py", "../gone.py"),
        ("both.py", "both.py"),
        ("postgresql://u@h/a/b.py", "postgresql://u@h/a/b.py"),
        ("x" * 5000, "x" * 5000),
        ("a\0b", "a\0b"),
    ],
)  # fmt: skip
def test_of_a_text(tmp_path: Path, text: str, shown: str) -> None:
    (tmp_path / "a/sub").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    for name in ("a/b.py", "a b.py", "both.py", "here/both.py"):
        (tmp_path / name).write_text("")
    known = ("a b.py", "gone.py", "a/b.py")
    assert project_folder.in_text(text, tmp_path / "here", tmp_path, known) == shown
    assert project_folder.in_text(text, tmp_path, tmp_path, known) == text
