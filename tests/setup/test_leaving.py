"""Leaving again: the steps of the guide undo what init, updates, notifications and caches left."""

from __future__ import annotations

import re
import subprocess
import textwrap
from typing import TYPE_CHECKING

import pytest
from initializing import REPOSITORY, contents, write

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = (REPOSITORY / "docs/guides/leaving.md").read_text()
BLOCKS = [
    textwrap.dedent(block) for block in re.findall(r"^ *```sh\n(.*?)^ *```$", GUIDE, re.MULTILINE | re.DOTALL)
]
OWN = {
    "app/main.py": "def main() -> None: ...\n",
    "scripts/own.py": "print('mine')\n",
    "supabase/migrations/20260101000000_start.sql": "create table orders (id int primary key);\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    write(root, OWN)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SCHEMA_SYNC_NOTIFY_URLS", "print://")
    return root


def leave() -> None:
    """Do what the guide's steps say, but for uninstalling the package that runs this test."""
    steps = [block for block in BLOCKS if not block.startswith("pip ")]
    assert len(steps) == len(BLOCKS) - 1 == 5
    done = subprocess.run(["sh"], input="".join(steps), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("", "")


def folders(root: Path) -> set[str]:
    found = (path for path in root.rglob("*") if path.is_dir())
    return {path.relative_to(root).as_posix() for path in found if ".git" not in path.relative_to(root).parts}


def test_after_init_all_is_as_before(project: Path) -> None:
    before, folders_before = contents(project), folders(project)
    assert cli.run(["init"]) == 0
    (project / ".git/hooks/pre-commit").symlink_to("../../scripts/pre-commit-schema-check.sh")
    subprocess.run(["git", "config", "schema-sync.folder", "."], check=True)
    assert contents(project) != before
    leave()
    assert contents(project) == before
    assert folders(project) == folders_before
    assert not (project / ".git/hooks/pre-commit").is_symlink()
    assert "schema-sync" not in (project / ".git/config").read_text()


def test_after_all_of_it_only_classes_are_left(project: Path) -> None:
    before = contents(project)
    assert cli.run(["init"]) == 0
    (project / ".git/hooks/pre-commit").symlink_to("../../scripts/pre-commit-schema-check.sh")
    subprocess.run(["git", "config", "schema-sync.folder", "."], check=True)
    assert cli.run(["update", "--add", "*"]) == 0
    assert cli.run(["baseline"]) == 0
    (project / "schemas/database/entities.py").write_text("")
    assert cli.run(["check", "--notify"]) == 1
    assert cli.run(["report"]) == 0
    leave()
    left = {path for path in contents(project) if path not in before}
    assert left == {"schemas/__init__.py", "schemas/database/__init__.py", "schemas/database/entities.py"}
    assert not (project.parent / "cache/schema-sync").exists()
