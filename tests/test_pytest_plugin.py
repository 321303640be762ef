"""pytest --schema-sync, in pytest sessions of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schema_sync.setup.init_files import templates

REPOSITORY = Path(__file__).parents[1]
ENTITIES = "schemas/database/entities.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(REPOSITORY / "examples", folder, ignore=shutil.ignore_patterns("__pycache__", "app"))
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\nfilterwarnings = ['error']\n")
    return folder


def run(project: Path, *arguments: str, folder: str = ".") -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SUPABASE_", "PYTEST_"))}
    # this source's, also where another is installed, whose entry point would register it twice
    loaded = ["-p", "no:schema-sync", "-p", "schema_sync.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *loaded, *arguments],
        cwd=project / folder,
        env={**environment, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


MIGRATIONS = ("--schema-sync", "--schema-sync-source", "migrations")


def test_an_object_is_a_test(project: Path) -> None:
    code, said = run(project, *MIGRATIONS, "-v")
    assert code == 1
    assert "8 failed, 3 passed" in said
    assert "schema-sync::enum public.project_status" in said
    assert "schemas/enums.py:24: high enum-label-undeclared: ProjectStatus has no member for the label" in said
    assert "schema-sync diff shows more, schema-sync update mends." in said
    assert "Traceback" not in said


@pytest.mark.thorough
def test_in_sync_all_pass(project: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "schema_sync", "-q", "update", "--source", "migrations"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        check=True,
        capture_output=True,
    )
    code, said = run(project, *MIGRATIONS)
    assert code == 0
    assert "11 passed" in said
    code, said = run(project, "--schema-sync", "--schema-sync-source", "lock", "-n", "2")
    assert code == 0
    assert "11 passed" in said


@pytest.mark.thorough
def test_workers_share_what_is_kept(project: Path, cache: Path) -> None:
    from_lock = ("--schema-sync", "--schema-sync-source", "lock", "-n", "2")
    found = [run(project, *from_lock)[1].splitlines()[-1].partition(" in ")[0] for _ in range(2)]
    assert found[0] == found[1] != ""
    assert [path.name.partition("-")[0] for path in (cache / "parsed").iterdir()] == ["classes"]


@pytest.mark.thorough
def test_unasked_it_adds_nothing(project: Path) -> None:
    code, said = run(project)
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "no tests ran" in said


@pytest.mark.thorough
def test_beside_other_tests_and_chosen_by_name(project: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests/test_own.py").write_text("def test_own() -> None:\n    pass\n")
    code, said = run(project, *MIGRATIONS, "-k", "own or public.projects", "-v", folder="tests")
    assert code == 1
    assert "1 failed, 1 passed, 10 deselected" in said


@pytest.mark.thorough
def test_below_the_threshold_it_passes_and_is_shown(project: Path) -> None:
    code, said = run(project, *MIGRATIONS, "--schema-sync-fail-on", "medium", "-rP")
    assert code == 1
    assert "7 failed, 4 passed" in said
    assert "low view-undeclared: No class declares view public.active_projects" in said
    code, said = run(project, *MIGRATIONS, "--schema-sync-fail-on", "never")
    assert code == 0


@pytest.mark.thorough
def test_what_is_no_severity(project: Path) -> None:
    code, said = run(project, *MIGRATIONS, "--schema-sync-fail-on", "hgih")
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "--schema-sync-fail-on: no severity 'hgih'; known are low, medium, high, critical, never" in said


def test_a_source_that_cannot_be_read_is_a_failure(project: Path) -> None:
    code, said = run(project, "--schema-sync", "--schema-sync-source", "snapshot:none.json")
    assert code == 1
    assert "1 failed" in said
    assert "none.json" in said
    assert "FAILED schema-sync::check" in said
    assert "schema-sync update mends" not in said


@pytest.mark.thorough
def test_a_file_that_cannot_be_read_fails(project: Path) -> None:
    (project / "schemas/broken.py").write_text("class (:\n")
    code, said = run(project, *MIGRATIONS)
    assert code == 1
    assert "FAILED schema-sync::file schemas/broken.py - schemas/broken.py:1:" in said
    parts = said.split("schema-sync: ")
    assert [part.partition(" ")[0] for part in parts if "schema-sync update mends" not in part][1:] == ["file"]


@pytest.mark.thorough
class TestFile:
    """A test file with the plugin's mark, as init writes it."""

    FILE = "tests/test_schema_sync.py"

    @pytest.fixture
    def with_file(self, project: Path) -> Path:
        (project / "tests").mkdir()
        (project / self.FILE).write_bytes(templates()[self.FILE])
        (project / "tests/test_own.py").write_text("def test_own() -> None:\n    pass\n")
        return project

    def test_it_holds_the_tests(self, with_file: Path) -> None:
        code, said = run(with_file, self.FILE, "-v", "--schema-sync-source", "migrations")
        assert code == 1
        assert "8 failed, 3 passed" in said
        assert "tests/test_schema_sync.py::schema-sync::enum public.project_status FAILED" in said
        assert "schema-sync diff shows more, schema-sync update mends." in said

    def test_in_a_suite_and_with_the_option_they_stand_once(self, with_file: Path) -> None:
        code, said = run(with_file, "--schema-sync-source", "migrations")
        assert (code, "8 failed, 4 passed" in said) == (1, True)
        code, said = run(with_file, *MIGRATIONS, "-n", "2")
        assert (code, "8 failed, 4 passed" in said) == (1, True)

    def test_without_the_plugin_there_are_none(self, with_file: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:schema-sync", "-p", "no:cacheprovider"],
            cwd=with_file,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0
        assert "1 passed" in done.stdout

    def test_the_project_is_the_files_own(self, with_file: Path) -> None:
        backend = with_file.parent / "top/backend"
        shutil.copytree(with_file, backend)
        (backend / "pyproject.toml").unlink()
        (with_file.parent / "top/pyproject.toml").write_text("[tool.pytest.ini_options]\n")
        code, said = run(with_file.parent / "top", "--schema-sync-source", "migrations")
        assert code == 1
        assert "8 failed, 4 passed" in said

    def test_no_source_and_a_wrong_configuration_fail(self, with_file: Path) -> None:
        shutil.rmtree(with_file / "supabase")
        (with_file / "schema-sync.toml").unlink()
        code, said = run(with_file, self.FILE)
        assert code == 1
        assert "no source is configured" in said
        (with_file / "schema-sync.toml").write_text("nonsense = 1\n")
        code, said = run(with_file, self.FILE)
        assert code == 1
        assert "schema-sync.toml: unknown key nonsense" in said

    def test_only_the_mark_itself_counts(self, project: Path) -> None:
        (project / "test_x.py").write_text(
            "SCHEMA_SYNC_TESTS = 'yes'\n\n\nclass TestX:\n    SCHEMA_SYNC_TESTS = True\n"
        )
        assert run(project, "test_x.py")[0] == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.thorough
def test_what_was_not_checked_is_skipped(project: Path) -> None:
    with (project / "schema-sync.toml").open("a") as file:
        file.write('\n[types]\n"public.nobody.x" = "str"\n')
    _, said = run(project, *MIGRATIONS, "-rs", "-v")
    assert "schema-sync::not checked: types.public.nobody.x SKIPPED" in said
    assert "no column and no type in use has this name; remove the line" in said


@pytest.mark.thorough
def test_names_of_a_database_cannot_steer_the_terminal(project: Path) -> None:
    more = project / "supabase/migrations/20261119080000_more.sql"
    more.write_text('create table "evil\x1b[2J\u202e" (id int primary key);\n')
    _, said = run(project, *MIGRATIONS, "-v")
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "evil\\x1b[2J\\u202e" in said


def test_unasked_it_loads_nothing_of_the_tool() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pytest, sys; before = set(sys.modules); import schema_sync.pytest_plugin;"
            "print(sorted(set(sys.modules) - before))",
        ],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['schema_sync', 'schema_sync.pytest_plugin']"


def test_it_is_registered() -> None:
    import tomllib

    document = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert document["project"]["entry-points"]["pytest11"] == {"schema-sync": "schema_sync.pytest_plugin"}
