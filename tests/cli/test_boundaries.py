"""The command as a program: defects, interruptions, pipes, terminals, nothing imported in vain."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from command_project import SCHEMA, SYNC, Project, project, script

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["project"]  # fixture


@pytest.mark.parametrize("arguments", [("--help",), ("migrations", "--help")])
def test_the_list_of_commands_breaks_no_sentence_off(project: Project, arguments: tuple[str, ...]) -> None:
    code, out, _ = project.run(*arguments)
    assert code == 0
    assert "..." not in out.split("Commands:\n")[1]


def test_check_by_dsn_imports_nothing_slow_in_vain(project: Project, database: Database) -> None:
    code = (
        "import sys; from schema_sync.cli import run; run(['check', '-q']);"
        "print({m.partition('.')[0] for m in sys.modules}"
        " & {'libcst', 'rich', 'httpx', 'mcp', 'pgparse', 'jinja2'} or 'none')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env={**os.environ, "DATABASE_URL": database.dsn},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "none"


class TestBoundaries:
    def test_a_defect_exits_with_2_and_shows_no_password(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("postgresql://u:s3cret@h/d")

        monkeypatch.setattr("schema_sync.usecases.project.open_project", broken)
        code, out, err = project.run("check")
        assert (code, out) == (2, "")
        assert "defect of schema-sync" in err
        assert "s3cret" not in err

    def test_an_interruption(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("schema_sync.usecases.project.open_project", interrupted)
        code, out, err = project.run("check")
        assert (code, out, err.strip()) == (130, "", "Interrupted.")

    def test_a_reader_that_went_away(self, project: Project, database: Database) -> None:
        database.run(SCHEMA)
        command = f'"{sys.executable}" -m schema_sync -q diff 2>errors | head -c 1; echo "${{PIPESTATUS[0]}}"'
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=project.root,
            env={**os.environ, "DATABASE_URL": database.dsn},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout in {"A0\n", "A141\n"}
        assert (project.root / "errors").read_text() == ""

    def test_a_terminal_without_unicode(self, project: Project, database: Database) -> None:
        done = script(SYNC, "--check", cwd=project.root, DATABASE_URL=database.dsn, PYTHONIOENCODING="latin-1")
        assert done.returncode == 1
        assert "\\u26a0\\ufe0f  Schema drift detected!" in done.stdout

    def test_it_runs_as_a_module(self) -> None:
        program = [sys.executable, "-m", "schema_sync", "--version"]
        done = subprocess.run(program, capture_output=True, text=True, check=True)
        assert done.stdout.startswith("schema-sync, version ")
