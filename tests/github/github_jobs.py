"""Jobs of GitHub Actions on this machine: the shell steps of the action and the workflows, as they ship."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from doubles import github as double
from doubles.github import Double
from schema_sync.setup import init_files, workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]
ACTION = REPOSITORY / "action.yml"
OWN = REPOSITORY / init_files.WORKFLOW
TEMPLATE = REPOSITORY / f"src/schema_sync/setup/templates/{init_files.WORKFLOW}.template"
BY_HAND = {"GITHUB_EVENT_NAME": "workflow_dispatch"}
MARKER = "<!-- schema-sync: . -->\n"
PROGRAM = f'#!/bin/sh\nexec {sys.executable} -m schema_sync "$@"\n'


class Job(NamedTuple):
    """A job on a runner: the folder with a copy of the example, and what the runner sets."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str, **variables: str) -> tuple[int, str, dict[str, str]]:
        """Run a step as the runner does; return its code, what it said, and its outputs."""
        outputs = Path(self.environment["GITHUB_OUTPUT"])
        outputs.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, told

    @property
    def summary(self) -> str:
        path = Path(self.environment["GITHUB_STEP_SUMMARY"])
        text = path.read_text() if path.exists() else ""
        path.unlink(missing_ok=True)
        return text


@pytest.fixture
def api() -> Iterator[Double]:
    with double.serving(Double()) as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, api: Double) -> Job:
    folder = tmp_path / "repository"
    shutil.copytree(REPOSITORY / "examples", folder, ignore=shutil.ignore_patterns("__pycache__", "app"))
    (folder / ".git").mkdir()
    (tmp_path / "event.json").write_text(
        json.dumps({"action": "x", "pull_request": {"number": 7, "title": "$(x)"}})
    )
    (tmp_path / "temp").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/schema-sync").write_text(PROGRAM)
    (tmp_path / "bin/schema-sync").chmod(0o755)
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(REPOSITORY / "src"),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path("~/.cache").expanduser())),
        "SCHEMA_SYNC_NO_CACHE": "1",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_API_URL": api.url,
        "GITHUB_GRAPHQL_URL": f"{api.url}/graphql",
        "GITHUB_REPOSITORY": double.REPOSITORY,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "42",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REF": "refs/pull/7/merge",
    }
    return Job(folder, environment)


def step(path: Path, name: str, job: str = "") -> str:
    """The script of a step, as it ships."""
    document = yaml.safe_load(path.read_text())
    steps = document["jobs"][job]["steps"] if job else document["runs"]["steps"]
    (found,) = (each["run"] for each in steps if name in (each.get("id"), each.get("name")))
    return str(found)


def written() -> str:
    """The workflow as init writes it into a repository with the default paths."""
    return workflow.render(TEMPLATE.read_text(), workflow.Jobs(), ("schemas/**/*.py",))


def tool(job: Job) -> str:
    """The folder that the step ``install`` leaves, with this source in place of an installed package."""
    home = Path(job.environment["RUNNER_TEMP"]) / "tool"
    (home / "venv/bin").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(home / "report", ignore_errors=True)
    (home / "report").mkdir()
    shutil.copy(Path(job.environment["PATH"].partition(":")[0]) / "schema-sync", home / "venv/bin/schema-sync")
    return str(home)


def act(job: Job, *, comment: str = "true", token: str = double.TOKEN, **inputs: str) -> dict[str, Any]:
    """Run the action from its check on; return what came of it."""
    given = {
        "SOURCE": "migrations",
        "CONFIG": "",
        "FAIL_ON": "low",
        "MEMORY": "",
        **inputs,
    }
    home = tool(job)
    code, said, checked = job.run(step(ACTION, "check"), TOOL=home, **given)
    assert code == 0, said
    code, told_said, told = job.run(step(ACTION, "tell"), TOOL=home, COMMENT=comment, GITHUB_TOKEN=token)
    assert code == 0, told_said
    verdict, _, _ = job.run(step(ACTION, "verdict"), CODE=checked["exit-code"])
    reports = sorted(path.name for path in Path(home, "report").iterdir())
    return {**told, "verdict": verdict, "said": said + told_said, "reports": reports}


def mend(job: Job) -> None:
    assert job.run("schema-sync -q update --source migrations")[0] == 0
