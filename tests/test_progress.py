"""Long work shows how far it is, on a terminal only."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from schema_sync.cli.session import MANY
from schema_sync.usecases import ask as asking
from schema_sync.usecases import describe as describing
from schema_sync.usecases import project as projects


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "supabase/migrations").mkdir(parents=True)
    for number in range(MANY):
        (tmp_path / f"supabase/migrations/{number:02}_t.sql").write_text(f"create table t{number} (id int);")
    return tmp_path


def on_terminal(folder: Path, *options: str) -> str:
    """Run snapshot with a terminal for stderr, and return what it showed there."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "schema_sync", *options, "snapshot", "--source", "migrations"]
    done = subprocess.run(program, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert (done.returncode, done.stdout[:2]) == (0, b"{\n")
    return shown.decode()


def test_many_migrations_show_a_bar(folder: Path) -> None:
    shown = on_terminal(folder)
    assert "Replaying migrations" in shown
    assert "100%" in shown
    assert "source: migrations" in shown


def test_few_do_not(folder: Path) -> None:
    (folder / "supabase/migrations/00_t.sql").unlink()
    assert "Replaying" not in on_terminal(folder)


def test_nor_when_quiet(folder: Path) -> None:
    assert on_terminal(folder, "-q") == ""


def test_nor_into_a_file(folder: Path) -> None:
    program = [sys.executable, "-m", "schema_sync", "snapshot", "--source", "migrations"]
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True)
    assert "Replaying" not in done.stderr


def test_an_error_stands_on_a_line_of_its_own(folder: Path) -> None:
    (folder / "supabase/migrations/05_t.sql").write_text("create table t5 (id itn);")
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "schema_sync", "snapshot", "--source", "migrations"]
    done = subprocess.run(program, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, check=False)
    os.close(theirs)
    assert done.returncode == 3
    assert "\nError: supabase/migrations/05_t.sql:1: " in os.read(ours, 65536).decode()
    os.close(ours)


def test_one_command_replays_once(folder: Path) -> None:
    replays: list[Sequence[Path]] = []

    @contextmanager
    def counted(files: Sequence[Path]) -> Generator[Sequence[Path]]:
        replays.append(files)
        yield files

    project = projects.open_project(folder, source="migrations", progress=counted)
    describing.export(project, folder / "docs")
    assert len(replays) == 1
    describing.figures(project)
    assert len(replays) == 2, "each command has a replay of its own"
    assert asking.listing(project, "policies").rows.rows == ()
    assert len(replays) == 3
