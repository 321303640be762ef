"""The folder that a command is about: searched upwards from the current one, or from above the scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import script_in
from schema_sync import cli, project_folder

if TYPE_CHECKING:
    from conftest import Database

CLASS = "from typing import TypedDict\n\n\nclass UserRow(TypedDict):\n    id: {}\n"


def build(root: Path, *paths: str) -> None:
    for path in paths:
        target = root / path
        if path.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("[tool.schema-sync]\n" if path.endswith("pyproject.toml") else "")


@pytest.mark.parametrize(
    ("paths", "start", "found"),
    [
        ((".git/", "schema-sync.toml", "a/b/"), "a/b", "."),
        ((".git/", "schema-sync.toml", "a/pyproject.toml", "a/b/"), "a/b", "a"),
        ((".git/", "schema-sync.toml", "a/schemas/", "a/b/"), "a/b", "."),  # a configuration is surer than a name
        ((".git/", "schemas/database/"), "schemas/database", "."),
        ((".git/", "supabase/migrations/", "backend/app/"), "backend/app", "."),
        ((".git/", "supabase/", "backend/schemas/", "backend/app/"), "backend/app", "backend"),
        ((".git/", "a/b/"), "a/b", "."),
        (("schemas/", "a/.git/", "a/b/"), "a/b", "a"),  # never beyond the repository
        (("schemas", ".git/", "a/"), "a", "."),  # a file of that name is not a sign
        (("a/b/",), "a/b", "a/b"),
        (("schemas/", "scripts/"), "scripts", "."),
        ((".git/", "scripts/schema_sync_config.json", "a/"), "a", "."),
    ],
)
def test_where_it_is(tmp_path: Path, paths: tuple[str, ...], start: str, found: str) -> None:
    build(tmp_path, *paths)
    config = tmp_path / "scripts/schema_sync_config.json"
    if config.exists():
        config.write_text("{}")
    assert project_folder.find(tmp_path / start) == (tmp_path / found).resolve()


def test_others_tables_of_pyproject_configure_nothing(tmp_path: Path) -> None:
    build(tmp_path, ".git/", "schema-sync.toml", "a/b/")
    (tmp_path / "a/pyproject.toml").write_text("[tool.ruff]\n")
    assert project_folder.find(tmp_path / "a/b") == tmp_path


def test_what_others_may_write_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, "open/schema-sync.toml", "open/inner/a/", "home/schemas/", "home/inner/")
    (tmp_path / "open").chmod(0o1777)
    assert project_folder.find(tmp_path / "open/inner/a") == tmp_path / "open/inner/a"
    assert project_folder.find(tmp_path / "open") == tmp_path / "open", (
        "where the user stands is the user's choice"
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert project_folder.find(tmp_path / "home/inner") == tmp_path / "home/inner"


class Project:
    """A repository in *root* with one class, and what a command prints in a folder of it."""

    def __init__(self, root: Path, database: Database, capsys: pytest.CaptureFixture[str]) -> None:
        database.run("create table users (id int primary key)")
        build(root, ".git/", "a/b/", "supabase/migrations/")
        (root / "schemas").mkdir()
        (root / "schemas/rows.py").write_text(CLASS.format("str"))
        self.root, self.capsys = root, capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        return code, *self.capsys.readouterr()


@pytest.fixture
def project(
    tmp_path: Path,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    made = Project(tmp_path / "repository", database, capsys)
    monkeypatch.chdir(made.root / "a/b")
    monkeypatch.setenv("DATABASE_URL", database.dsn)
    return made


def test_paths_are_shown_from_the_current_folder(project: Project) -> None:
    code, out, err = project.run("diff", "-v")
    assert (code, "project folder: ../../\n" in err) == (0, True)
    assert "  ../../schemas/rows.py:5: high column-type-mismatch: " in out
    assert "+++ b/schemas/rows.py" in out  # as git apply takes it
    assert "bound by name: ../../schemas/rows.py: UserRow" in err
    report = json.loads(project.run("-q", "check", "--format", "json")[1])
    assert report["findings"][0]["declaration"]["path"] == "schemas/rows.py"

    code, out, _ = project.run("update")
    assert (code, "✓ Updated ../../schemas/rows.py\n" in out) == (0, True)
    assert (project.root / "schemas/rows.py").read_text() == CLASS.format("int")
    assert not list((project.root / "a").rglob("*.*")), "nothing is written beside"


def test_what_is_typed_starts_in_the_current_folder(project: Project) -> None:
    assert project.run("-q", "snapshot", "--output", "saved.json") == (0, "", "")
    code, _, err = project.run("check", "--source", "snapshot:saved.json")
    assert (code, "source: snapshot" in err) == (1, True)
    (project.root / "a/own.toml").write_text('title = "Mine"\ninclude = ["*.py"]\n')
    code, out, err = project.run("check", "--config", "../own.toml")
    assert out.startswith("Mine Schema Synchronization\n")
    assert "project folder" not in err, "a configuration that is named moves nothing"
    assert "no Python file in ./ matches include: *.py" in err
    (project.root / "a/b/sql").mkdir()
    (project.root / "a/b/sql/1_users.sql").write_text("create table users (id int primary key);")
    assert project.run("-q", "check", "--source", "migrations:sql")[0] == 1
    assert "1 file" in project.run("migrations", "check", "sql")[1]


def test_a_check_without_any_python_file_says_so_first(project: Project) -> None:
    (project.root / "schemas/rows.py").unlink()
    code, out, err = project.run("-q", "check")
    assert (code, "TABLE: users\n  Change: added" in out) == (1, True)
    assert err == "no Python file in ../../ matches include: schemas/**/*.py\n"


@pytest.mark.parametrize("folder", ["scripts", "a/b", ".."])
def test_a_script_is_about_the_folder_above_its_own(project: Project, folder: str) -> None:
    script = script_in(project.root, "sync_schema.py")
    done = subprocess.run(
        [sys.executable, script, "--update"],
        cwd=project.root / folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (project.root / "schemas/rows.py").read_text() == CLASS.format("int")
    assert (project.root / "schemas/schema_lock.json").exists()
    assert not (project.root / folder / "schemas/schema_lock.json").exists()
    way = {"scripts": "../", "a/b": "../../", "..": "repository/"}[folder]
    assert f"✓ Updated {way}schemas/rows.py\n" in done.stdout


def test_secrets_of_the_project_of_a_script_are_masked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect is told where the script is called, its project's .env lies elsewhere."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("sb_secret_c4n4ry")

    (project.root / ".env").write_text("SUPABASE_SERVICE_KEY=sb_secret_c4n4ry\n")
    monkeypatch.chdir(project.root.parent)
    monkeypatch.setattr("schema_sync.usecases.project.open_project", broken)
    code = cli.run(["check"], start=project.root)
    said = "".join(project.capsys.readouterr())
    assert (code, "defect of schema-sync" in said, "c4n4ry" in said) == (2, True, False)


def test_a_job_tells_of_the_project_it_is_in(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    build(project.root, "backend/schema-sync.toml", "backend/app/")
    monkeypatch.chdir(project.root / "backend/app")
    told: list[object] = []

    def tell(*_: object, project: str, **__: object) -> tuple[()]:
        told.append(project)
        return ()

    monkeypatch.setattr("schema_sync.github.tell", tell)
    assert project.run("github", "reports")[0] == 0
    assert told == ["backend"]
