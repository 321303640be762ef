"""What takes longer than a second shows how far it is, on a terminal only."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pseudo_terminal import opened
from schema_sync.cli.progress import ProgressLine
from schema_sync.usecases import ask as asking
from schema_sync.usecases import describe as describing
from schema_sync.usecases import project as projects

FILES = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "supabase/migrations").mkdir(parents=True)
    for number in range(FILES):
        (tmp_path / f"supabase/migrations/{number:02}_t.sql").write_text(f"create table t{number} (id int);")
    (tmp_path / "supabase/migrations/01_t.sql").write_text("select pg_sleep(1.5);")
    return tmp_path


def on_terminal(folder: Path, *options: str, expected: int = 0, **environment: str) -> str:
    """Run snapshot with a terminal for stderr, and return what it showed there."""
    program = [sys.executable, "-m", "schema_sync", *options, "snapshot", "--source", "migrations"]
    inherited = {name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"}
    with opened(80) as (descriptor, parts):
        done = subprocess.run(
            program,
            cwd=folder,
            env=inherited | environment,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            check=False,
        )
    assert (done.returncode, done.stdout[:2]) == (expected, b"" if expected else b"{\n")
    return b"".join(parts).decode()


def test_migrations_are_counted_and_the_line_goes_away(folder: Path) -> None:
    shown = on_terminal(folder)
    assert "Replaying migrations: 2 of 3, 1 s" in shown
    assert re.sub(r"\r[^\r\n]*\x1b\[K", "", shown).replace("\r", "") == "source: migrations, supabase/migrations\n"


def test_what_is_quick_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressLine("Doing something").close()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("option", "environment"), [("-q", {}), ("-v", {"TERM": "dumb"}), ("-v", {"CI": "1"})])
@pytest.mark.thorough
def test_nor_when_nobody_can_see_it(option: str, environment: dict[str, str], folder: Path) -> None:
    shown = on_terminal(folder, option, **environment)
    assert "\x1b" not in shown
    assert "Replaying" not in shown


def test_nor_into_a_file(folder: Path) -> None:
    program = [sys.executable, "-m", "schema_sync", "snapshot", "--source", "migrations"]
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True)
    assert "Replaying" not in done.stderr


def test_an_error_stands_on_a_line_of_its_own(folder: Path) -> None:
    (folder / "supabase/migrations/02_t.sql").write_text("create table t2 (id itn);")
    shown = on_terminal(folder, expected=3)
    assert "Replaying migrations: 2 of 3" in shown
    assert "\r\x1b[KError: supabase/migrations/02_t.sql:1: " in shown


@pytest.mark.thorough
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
