"""The workflows, the project's own and the one that init writes: their shell steps, triggers, rights and linters."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from github_jobs import ACTION, BY_HAND, OWN, REPOSITORY, TEMPLATE, Job, api, job, mend, step, written

from doubles import github as double

if TYPE_CHECKING:
    from conftest import Database
    from doubles.github import Double

__all__ = ["api", "job"]  # fixtures


def linted(name: str, *arguments: str, text: str = "", folder: Path = REPOSITORY) -> None:
    """Run a linter of the development environment; it has nothing to say."""
    tools = Path(sys.executable).parent  # actionlint runs shellcheck, if it finds it
    done = subprocess.run(
        [str(tools / name), *arguments],
        input=text,
        cwd=folder,
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


class TestWorkflow:
    @pytest.mark.thorough
    def test_the_steps_that_init_writes(self, job: Job, api: Double) -> None:
        code, said, told = job.run(step(TEMPLATE, "Check", "drift"), SOURCE="offline", MEMORY="")
        assert code == 1, said
        tell = step(TEMPLATE, "Tell what was found", "drift")
        assert job.run(tell, REPORT=told["report"], GITHUB_TOKEN=double.TOKEN)[0] == 0
        assert "9 differences" in job.summary
        assert len(api.comments) == 1
        assert len(list(Path(told["report"]).iterdir())) == 4

        mend(job)
        shutil.rmtree(job.folder / "supabase")
        (job.folder / "schema-sync.toml").write_text('title = "Example"\n')
        code, said, told = job.run(step(TEMPLATE, "Check", "drift"), SOURCE="offline", MEMORY="")
        assert code == 0, said
        assert "source: lock" in said
        assert job.run(tell, REPORT=told["report"], GITHUB_TOKEN=double.TOKEN)[0] == 0
        assert "✓ Schemas are in sync" in api.comments[0]["body"]

    @pytest.mark.thorough
    def test_runs_without_a_pull_request_compare_with_the_database(self, job: Job, database: Database) -> None:
        job.environment.update(BY_HAND)
        script = step(TEMPLATE, "Check", "drift")
        assert "source: migrations" in job.run(script, SOURCE="", MEMORY="")[1], "without a secret"
        for file in sorted((job.folder / "supabase/migrations").iterdir()):
            database.run(file.read_text())
        mend(job)
        variables = {"SOURCE": "", "MEMORY": "", "SUPABASE_DB_URL": database.dsn}
        code, said, _ = job.run(script, **variables)
        assert code == 0, said
        assert "source: dsn" in said
        database.run("alter table projects add column due date")
        assert job.run(script, **variables)[0] == 1

    def test_pull_requests_get_no_secret(self) -> None:
        steps = yaml.safe_load(written())["jobs"]["drift"]["steps"]
        (check,) = (each["env"] for each in steps if each.get("id") == "check")
        assert check["SOURCE"] == "${{ github.event_name == 'pull_request' && 'offline' || '' }}"
        for value in (value for value in check.values() if "secrets." in value):
            assert value.startswith("${{ github.event_name != 'pull_request' && secrets.")

    @pytest.mark.parametrize("path", [OWN, TEMPLATE], ids=["own", "template"])
    @pytest.mark.thorough
    def test_the_migrations_are_validated(self, job: Job, path: Path) -> None:
        shutil.rmtree(job.folder / ".git")
        git = "git -c user.name=x -c user.email=x@example.org"
        job.run(
            f"git init -qb main; git add -A; {git} commit -qm one; git update-ref refs/remotes/origin/main HEAD"
        )
        script = step(path, "Check the migrations", "migrations")
        code, said, _ = job.run(script, GITHUB_BASE_REF="main", FOLDER="")
        assert code == 0, said
        (job.folder / "supabase/migrations/20250101000000_early.sql").write_text("create table early (id int);\n")
        code, said, _ = job.run(script, GITHUB_BASE_REF="main", FOLDER="")
        assert code == 1
        assert "migration-out-of-order" in said
        assert job.run(script, GITHUB_BASE_REF="", FOLDER="supabase/migrations")[0] == 1

    def test_when_it_runs(self) -> None:
        for path in (OWN, TEMPLATE):
            triggers = yaml.safe_load(path.read_text())[True]
            assert triggers["schedule"] == [{"cron": "0 9 * * *"}]
            assert "workflow_dispatch" in triggers
            assert {"**/*.sql", "pyproject.toml"} <= set(triggers["pull_request"]["paths"])

    def test_no_right_but_the_comment(self) -> None:
        for path in (OWN, TEMPLATE):
            document = yaml.safe_load(path.read_text())
            assert document["permissions"] == {"contents": "read"}
            granted = [job.get("permissions") for job in document["jobs"].values()]
            assert granted == [{"contents": "read", "pull-requests": "write"}, None]

    @pytest.mark.parametrize("path", [ACTION, OWN, TEMPLATE], ids=["action", "own", "template"])
    def test_pins_and_no_expression_in_a_shell(self, path: Path) -> None:
        document = yaml.safe_load(path.read_text())
        jobs = [document["runs"]] if path == ACTION else document["jobs"].values()
        for each in (shell for part in jobs for shell in part["steps"]):
            assert "${{" not in each.get("run", "")
            assert re.fullmatch(r"\./|actions/[\w/-]+@[0-9a-f]{40}", each.get("uses", "./"))
            if "run" in each:
                linted("shellcheck", "--shell=bash", "--enable=quote-safe-variables", "-", text=each["run"])

    def test_the_linters_of_actions_are_content(self, tmp_path: Path) -> None:
        workflows = tmp_path / ".github/workflows"
        workflows.mkdir(parents=True)
        (tmp_path / ".git").mkdir()
        shutil.copy(ACTION, tmp_path)
        shutil.copy(OWN, workflows / "own.yml")
        (workflows / "written.yml").write_text(written())
        linted("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(tmp_path / "action.yml"))
        linted("actionlint", *map(str, sorted(workflows.iterdir())), folder=tmp_path)
        options = ("--offline", "--quiet", "--min-severity=medium", "--no-config", "--format=plain")
        linted("zizmor", *options, str(tmp_path))

        (workflows / "own.yml").write_text(
            OWN.read_text().replace("${{ steps.before.outputs.drift }}", "${{ x.y }}")
        )
        with pytest.raises(AssertionError, match="undefined variable"):
            linted("actionlint", str(workflows / "own.yml"), folder=tmp_path)

    def test_every_input_and_output_is_used_and_documented(self) -> None:
        document = yaml.safe_load(ACTION.read_text())
        guide = (REPOSITORY / "docs/guides/ci.md").read_text()
        for name in document["inputs"]:
            assert f"inputs.{name}" in ACTION.read_text()
            assert f"`{name}`" in guide
        for name in document["outputs"]:
            assert f"`{name}`" in guide
