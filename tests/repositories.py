"""git repositories with a copy of the example, in sync and committed, for tests of hooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[1]
HOOK = REPOSITORY / "scripts/pre-commit-schema-check.sh"
PROGRAMS = Path(sys.executable).parent
NARROWER = ("score: Optional[int]  # 0", "score: Optional[str]  # 0")  # projects.score is an integer
HARMLESS = ("from typing import Any", "# ours\nfrom typing import Any")
ENTITIES = "schemas/database/entities.py"


class Done(NamedTuple):
    code: int
    said: str


class Repository(NamedTuple):
    """A git repository with a copy of the example in ``folder`` below its top, in sync and committed."""

    top: Path
    folder: str
    environment: dict[str, str]

    @property
    def project(self) -> Path:
        return self.top / self.folder

    def run(self, *command: str) -> Done:
        done = subprocess.run(  # noqa: PLW1510
            command,
            cwd=self.top,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Done(done.returncode, done.stdout + done.stderr)

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.code == 0, done.said
        return done.said

    def commit(self, *arguments: str) -> Done:
        return self.run("git", "commit", "-m", "a change", *arguments)

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.project / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


def git_environment(home: Path) -> dict[str, str]:
    """Return an environment for git and the command in which nothing of this process's configures them."""
    ours = ("GIT_", "SUPABASE_", "SCHEMA_SYNC_", "DATABASE_", "PYTEST_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(REPOSITORY / "src"),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path("~/.cache").expanduser())),
        "SCHEMA_SYNC_NO_CACHE": "1",
    }


def repository(top: Path, folder: str = "", source: str = "migrations") -> Repository:
    """Return a new repository at *top*, in sync with *source*; nothing of this process's environment configures it."""
    project = top / folder
    shutil.copytree(REPOSITORY / "examples", project, ignore=shutil.ignore_patterns("__pycache__", "app"))
    environment = git_environment(top.parent)
    made = Repository(top, folder, environment)
    made.git("init", "-q", "-b", "main")
    made.git("config", "user.email", "someone@example.org")
    made.git("config", "user.name", "Someone")
    updated = subprocess.run(  # noqa: PLW1510
        [sys.executable, "-m", "schema_sync", "-q", "update", "--source", source],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert updated.returncode == 0, updated.stderr
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "the example")
    return made


def without_package(made: Repository, tmp_path: Path, name: str) -> Repository:
    """The same repository, for programs of Python that cannot import the package *name*."""
    (tmp_path / "blocking").mkdir()
    (tmp_path / "blocking/sitecustomize.py").write_text(f"import sys\n\nsys.modules[{name!r}] = None\n")
    path = f"{tmp_path / 'blocking'}:{made.environment['PYTHONPATH']}"
    return made._replace(environment=made.environment | {"PYTHONPATH": path})


def without_program(made: Repository, tmp_path: Path) -> Repository:
    """The same repository where a start of schema-sync leaves a trace and does nothing."""
    (tmp_path / "bin").mkdir()
    trap = tmp_path / "bin/schema-sync"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexit 0\n")
    trap.chmod(0o755)
    return made._replace(environment=made.environment | {"PATH": f"{tmp_path}/bin:{made.environment['PATH']}"})
