"""git repositories made commit by commit, and schema-sync history run in them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from comparing import made_lock
from repositories import git_environment
from schema_sync import cli
from schema_sync.model.catalog import Catalog
from schema_sync.model.snapshot import encode

LOCK = "schemas/schema_lock.json"
SCHEMA = json.loads((Path(__file__).parents[1] / "docs/schemas/history.schema.json").read_text())


class Repository:
    """A repository in a folder, and the command run in it; each commit is a day behind the last."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root, self._capture, self._commits = root, capture, 0
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=os.environ | environment, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def commit(self, lock: bytes | Catalog | None, subject: str = "a change", author: str = "Ann") -> str:
        """Commit the *lock*, None to remove it, and return the commit's id."""
        path = self.root / LOCK
        path.parent.mkdir(exist_ok=True)
        if lock is None:
            path.unlink()
        else:
            path.write_bytes(lock if isinstance(lock, bytes) else encode(made_lock(lock)))
        return self.record(subject, author)

    def record(self, subject: str, author: str = "Ann", *command: str) -> str:
        self._commits += 1
        date = f"2026-01-{self._commits:02}T12:00:00+0000"
        self.git("add", "-A")
        self.git(
            *(command or ("commit", "-q", "--allow-empty-message")),
            *("-m", subject),
            GIT_AUTHOR_NAME=author,
            GIT_AUTHOR_EMAIL="a@example.org",
            GIT_COMMITTER_NAME="Someone",
            GIT_COMMITTER_EMAIL="s@example.org",
            GIT_AUTHOR_DATE=date,
            GIT_COMMITTER_DATE=date,
        )
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(["history", *arguments])
        out, err = self._capture.readouterr()
        return code, out, err

    def read(self, *arguments: str) -> dict[str, Any]:
        """The document; it fits its schema."""
        code, out, err = self.run("--format", "json", *arguments)
        assert code == 0, err
        document: dict[str, Any] = json.loads(out)
        jsonschema.validate(document, SCHEMA)
        return document


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is current; nothing of the user's configures git."""
    for name in {*os.environ} - {*git_environment(tmp_path)} - {"PYTEST_CURRENT_TEST"}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def repository(clean: Path, capsys: pytest.CaptureFixture[str]) -> Repository:
    return Repository(clean, capsys)
