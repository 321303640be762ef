"""The daily run tells channels if a secret has them: once for new drift, as the cache remembers it between runs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from github_jobs import ACTION, TEMPLATE, Job, api, job, mend, step, tool

__all__ = ["api", "job"]  # fixtures

VARIABLE = "SCHEMA_SYNC_NOTIFY_URLS"
PRINTED = "Example Schema Synchronization: schema drift (6 high, 2 medium, 1 low)"
ENDED = "Example Schema Synchronization: schemas are in sync again"


@pytest.fixture
def daily(job: Job) -> Job:
    """A job that no pull request started."""
    return job._replace(
        environment=job.environment | {"GITHUB_EVENT_NAME": "schedule", "GITHUB_REF": "refs/heads/main"}
    )


def with_pip(job: Job) -> Path:
    """Let ``pip`` only write down what it is asked for; return where."""
    asked = Path(job.environment["RUNNER_TEMP"]) / "asked"
    pip = Path(job.environment["PATH"].partition(":")[0]) / "pip"
    pip.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {asked}\n')
    pip.chmod(0o755)
    return asked


def steps_of(path: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text())
    return list(document["runs"]["steps"] if path == ACTION else document["jobs"]["drift"]["steps"])


VERSION = "==1.2.3"


def forget(job: Job) -> None:
    """Begin on a new machine; what the cache keeps is what the caller keeps."""
    for path in Path(job.environment["RUNNER_TEMP"]).glob("schema-sync-told*"):
        shutil.rmtree(path)


@pytest.mark.thorough
class TestTemplate:
    def check(self, job: Job, memory: str) -> tuple[int, str]:
        script = step(TEMPLATE, "Check", "drift")
        code, said, _ = job.run(script, SOURCE="", MEMORY=memory, **{VARIABLE: "print://"})
        return code, said

    def install(self, job: Job, notify: str) -> tuple[str, str]:
        asked = with_pip(job)
        script = step(TEMPLATE, "Install schema-sync", "drift")
        code, said, told = job.run(script, NOTIFY=notify, SCHEMA_SYNC_VERSION=VERSION)
        assert code == 0, said
        return asked.read_text().splitlines()[-1], told.get("memory", "")

    def test_with_the_secret(self, daily: Job) -> None:
        package, memory = self.install(daily, "true")
        assert package == f"supabase-schema-sync[embedded,http,notify]{VERSION}"
        code, said = self.check(daily, memory)
        assert code == 1
        assert PRINTED in said
        assert "Run: https://github.com/someone/something/actions/runs/42" in said
        assert not (daily.folder / ".schema-sync").exists()

        code, said = self.check(daily, memory)
        assert code == 1
        assert PRINTED not in said, "the same drift is told once"
        forget(daily)
        assert PRINTED in self.check(daily, memory)[1], "without a cache it is told again"
        mend(daily)
        code, said = self.check(daily, memory)
        assert code == 0
        assert ENDED in said

    def test_without_the_secret(self, daily: Job) -> None:
        assert self.install(daily, "false") == (f"supabase-schema-sync[embedded,http]{VERSION}", "")
        script = step(TEMPLATE, "Check", "drift")
        code, said, _ = daily.run(script, SOURCE="", MEMORY="", **{VARIABLE: ""})
        assert code == 1
        assert "notif" not in said

    def test_in_sync_from_the_start_there_is_a_folder_to_keep(self, daily: Job) -> None:
        mend(daily)
        assert self.check(daily, "x")[0] == 0
        assert (Path(daily.environment["RUNNER_TEMP"]) / "schema-sync-told").is_dir()

    def test_each_branch_remembers_for_itself(self, daily: Job) -> None:
        found = {
            self.install(daily._replace(environment=daily.environment | {"GITHUB_REF": ref}), "true")[1]
            for ref in ("refs/heads/main", "refs/heads/main-2", "refs/heads/a,b")
        }
        assert len(found) == 3
        assert not any("," in each or " " in each for each in found), "a key holds no comma"

    def test_a_source_that_fails_tells_nobody_and_fails(self, daily: Job) -> None:
        shutil.rmtree(daily.folder / "supabase")
        code, said = self.check(daily, "x")
        assert code == 3
        assert "Synchronization:" not in said


@pytest.mark.thorough
class TestAction:
    def install(self, job: Job, tmp_path: Path, **inputs: str) -> tuple[str, str]:
        asked = with_pip(job)
        pip = Path(job.environment["PATH"].partition(":")[0]) / "pip"
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\n{sys.executable} "$@" --without-pip && cp {pip} "$4/bin/pip"\n')
        python.chmod(0o755)
        given = {"NOTIFY": "true", "ARTIFACT": "a", "FOLDER": ".", VARIABLE: "print://", **inputs}
        fixed = {"PYTHON": str(python), "ACTION": "/action", "VERSION": "", "EXTRAS": "embedded"}
        code, said, told = job.run(step(ACTION, "install"), **fixed, **given)
        assert code == 0, said
        return asked.read_text().splitlines()[-1], told.get("memory", "")

    def test_once(self, daily: Job, tmp_path: Path) -> None:
        package, memory = self.install(daily, tmp_path)
        assert package == "/action[http,embedded,notify]"
        assert memory.startswith("schema-sync-told-")
        given = {"SOURCE": "migrations", "CONFIG": "", "FAIL_ON": "low"}
        said = []
        for _ in range(2):
            variables = {"TOOL": tool(daily), "MEMORY": memory, VARIABLE: "print://", **given}
            code, text, told = daily.run(step(ACTION, "check"), **variables)
            assert (code, told["exit-code"]) == (0, "1")
            said.append(PRINTED in text)
        assert said == [True, False]
        assert (Path(daily.environment["RUNNER_TEMP"]) / memory / "notified.json").is_file()

    @pytest.mark.parametrize(
        ("variables", "event"),
        [({"NOTIFY": "false"}, "schedule"), ({VARIABLE: ""}, "schedule"), ({}, "pull_request_target")],
    )
    def test_nothing_more_is_installed(
        self, daily: Job, tmp_path: Path, variables: dict[str, str], event: str
    ) -> None:
        started = daily._replace(environment=daily.environment | {"GITHUB_EVENT_NAME": event})
        assert self.install(started, tmp_path, **variables) == ("/action[http,embedded]", "")

    def test_two_uses_have_two_memories(self, daily: Job, tmp_path: Path) -> None:
        found = {self.install(daily, tmp_path, **inputs)[1] for inputs in ({}, {"ARTIFACT": "b"}, {"FOLDER": "b"})}
        assert len(found) == 3


@pytest.mark.parametrize("path", [ACTION, TEMPLATE], ids=["action", "template"])
def test_what_is_told_is_kept_whatever_the_check_found(path: Path) -> None:
    """The step that saves runs although drift has failed the job, and keeps what the one that restores looks for."""
    caches = [each for each in steps_of(path) if "actions/cache/" in each.get("uses", "")]
    recall, remember = caches
    assert recall["uses"].startswith("actions/cache/restore@")
    assert remember["uses"].startswith("actions/cache/save@")
    assert recall["with"]["path"] == remember["with"]["path"]
    assert recall["with"]["key"] == remember["with"]["key"]
    assert recall["with"]["key"].startswith(recall["with"]["restore-keys"])
    assert all("steps.install.outputs.memory != ''" in each["if"] for each in caches)
    assert path == ACTION or "!cancelled()" in remember["if"]  # in the action the check's step never fails


def test_only_runs_that_are_no_pull_requests() -> None:
    (install,) = (each for each in steps_of(TEMPLATE) if each.get("id") == "install")
    assert "github.event_name != 'pull_request'" in install["env"]["NOTIFY"]
