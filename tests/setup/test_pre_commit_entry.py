"""The entry for .pre-commit-config.yaml that init prints: pinned, for the configured files, run by the real pre-commit."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from initializing import ROW, Run, run, write
from scratch_repositories import CALLS, ORDERS

from repositories import PROGRAMS, Repository, git_environment
from schema_sync import __version__
from schema_sync.codebase import chosen_files
from schema_sync.setup.doctor import VARIABLES
from schema_sync.setup.pre_commit import FILE, files

__all__ = ["run"]  # fixture


@pytest.fixture(autouse=True)
def _unconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def hooks(said: str) -> dict[str, Any]:
    """The hooks of the entry that init prints, by id."""
    text = said.partition(f"into {FILE}:\n")[2].partition("\n\n")[0]
    (repository,) = yaml.safe_load(text)["repos"]
    assert repository["repo"] == "local"
    return {hook["id"]: hook for hook in repository["hooks"]}


def repository(top: Path, folder: str = "") -> Repository:
    made = Repository(top, folder, git_environment(top.parent))
    made.git("init", "-q", "-b", "main")
    made.git("config", "user.email", "someone@example.org")
    made.git("config", "user.name", "Someone")
    return made


def test_it_is_for_repositories_that_use_pre_commit(tmp_path: Path, run: Run) -> None:
    (tmp_path / ".git").mkdir()
    said = run("init")[2]
    assert FILE not in said
    assert "ln -s ../../scripts/pre-commit-schema-check.sh .git/hooks/pre-commit" in said
    (tmp_path / FILE).write_text("repos: []\n")
    said = run("init")[2]
    assert list(hooks(said)) == ["schema-sync-check", "schema-sync-migrations"]
    assert "ln -s" not in said
    (tmp_path / FILE).write_text("repos: [] # schema-sync-check is elsewhere\n")
    assert FILE not in run("init")[2]


def test_the_running_version_is_pinned(tmp_path: Path, run: Run) -> None:
    (tmp_path / FILE).write_text("repos: []\n")
    for hook in hooks(run("init")[2]).values():
        (package,) = hook["additional_dependencies"]
        assert package.startswith("supabase-schema-sync[embedded,")
        assert package.endswith(f"]=={__version__}")


class TestFiles:
    def test_those_of_the_configuration(self, tmp_path: Path, run: Run) -> None:
        text = 'include = ["app/**/*.py"]\nsource = "migrations:base.sql,db/sql"\npaths.lock = "app/x.json"\n'
        write(tmp_path, {FILE: "", "schema-sync.toml": text, "db/sql/001_a.sql": ORDERS, "base.sql": ""})
        found = hooks(run("init")[2])
        check, migrations = (re.compile(hook["files"]) for hook in found.values())
        for path in ("app/a.py", "app/b/c.py", "db/sql/001_a.sql", "base.sql", "schema-sync.toml", "app/x.json"):
            assert check.search(path), path
        for path in ("lib/a.py", "x/app/a.py", "app/a.pyc", "README.md", "other.sql", "xbase.sql", "base_sql"):
            assert not check.search(path), path
        assert migrations.search("db/sql/001_a.sql")
        assert migrations.search("base.sql")
        assert not migrations.search("app/a.py")

    def test_all_python_where_queries_are_compared(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {FILE: "", "app/client.py": CALLS, "supabase/migrations/1_a.sql": ORDERS})
        assert re.search(hooks(run("init")[2])["schema-sync-check"]["files"], "deep/down/x.py")

    def test_all_commits_count_where_a_database_may_be_asked(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {FILE: ""})
        assert hooks(run("init")[2])["schema-sync-check"]["always_run"] is True
        write(tmp_path, {"schema-sync.toml": 'hook-source = "offline"\n'})
        assert "always_run" not in hooks(run("init")[2])["schema-sync-check"]

    @pytest.mark.parametrize(
        "glob",
        ["**/*.py", "a/**/*.py", "a/*", "a/**", "a", "a?b/**/c.py", "[ab]/x.py", "a+b (c)/**/*.py", "./a//*.py"],
    )
    @pytest.mark.parametrize("home", ["", "back'end $x/"])
    def test_what_is_read_is_chosen(self, tmp_path: Path, glob: str, home: str) -> None:
        names = ["a/x.py", "a/b/c.py", "a/b/d/c.py", "axb/c.py", "axb/y/c.py", "b/x.py", "a+b (c)/d/e.py", "x.py"]
        write(tmp_path, dict.fromkeys(names, "X = 1\n"))
        expression = re.compile(files([glob], home))
        chosen = {name for name in names if expression.search(home + name)}
        read = set(chosen_files.collect(tmp_path, [glob], []).sources)
        assert read
        assert read <= chosen
        assert "[" in glob or chosen == read
        assert not any(expression.search(f"other/{home}{name}") for name in names) or glob.startswith("**")


@pytest.mark.parametrize("folder", ["", "back'end"])
def test_the_real_pre_commit_runs_it(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    top = tmp_path / "repository"
    top.mkdir()
    made = repository(top, folder)
    write(top, {FILE: "repos: []\n"})
    write(made.project, {"db/migrations/001_a.sql": ORDERS, "app/db.py": ROW.format(name="OrderRow")})
    monkeypatch.chdir(made.project)
    printed = hooks(run("init")[2])
    assert run("update")[0] == 0
    for hook in printed.values():  # so that nothing is installed
        hook["language"] = "system"
        del hook["additional_dependencies"]
    config = {"repos": [{"repo": "local", "hooks": [*printed.values()]}]}
    write(top, {FILE: yaml.safe_dump(config)})
    valid = subprocess.run([str(PROGRAMS / "pre-commit"), "validate-config"], cwd=top, check=False)
    assert valid.returncode == 0
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "all")
    assert made.run("pre-commit", "install").code == 0

    (made.project / "app/db.py").write_text(
        (made.project / "app/db.py").read_text().replace("total: float", "total: str")
    )
    code, said = made.commit("-a")
    assert code == 1, said
    assert "Changed columns: total" in said
    made.git("reset", "-q", "--hard")
    (made.project / "db/migrations/002_b.sql").write_text("alter table nobody add x int;\n")
    made.git("add", "-A")
    code, said = made.commit()
    assert code == 1, said
    assert 'relation "nobody" does not exist' in said
