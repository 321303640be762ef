"""A project in a folder whose database is changed by migrations or at once, and what commands do with it."""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from conftest import Database


class Project:
    """A project, beside a *database* or, without one, with migrations."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str], database: Database | None) -> None:
        self.root = root
        self._capture = capture
        self._database = database
        self._migrations = 0

    def change(self, sql: str) -> None:
        if self._database is not None:
            self._database.run(sql)
            return
        self._migrations += 1
        self.write(f"supabase/migrations/{self._migrations:03}_m.sql", sql)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        out, err = self._capture.readouterr()
        return code, out, err

    def findings(self) -> list[str]:
        """What a check finds, as ``rule object former-name``."""
        _, out, _ = self.run("check", "--format", "json")
        return sorted(
            " ".join(
                filter(
                    None,
                    (
                        f["rule"],
                        f["object"]["name"],
                        f["object"].get("column") or f["object"].get("label"),
                        f["facts"].get("renamed_from"),
                    ),
                )
            )
            for f in json.loads(out)["findings"]
            if f["use"] is None
        )

    def update(self, *options: str, code: int = 0) -> str:
        """Update, see that the code imports and that a second update changes nothing; return what it printed."""
        found, out, err = self.run("update", *options)
        assert found == code, out + err
        before = self.contents()
        assert compileall.compile_dir(str(self.root), quiet=1, force=True)
        self.run_program()
        again, _, _ = self.run("update", *options)
        assert again == code
        assert self.contents() == before
        return out + err

    def run_program(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", "import schemas, app.main"],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": str(self.root / "fake"), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert done.returncode == 0, done.stderr

    def contents(self) -> dict[str, bytes]:
        files = (path for path in self.root.rglob("*") if path.suffix in {".py", ".json", ".toml"})
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}


def new_project(request: pytest.FixtureRequest, root: Path, files: dict[str, str], schema: str) -> Project:
    """Return a project with *files*, for a fixture whose parameter is "migrations" or "database"; it is in sync."""
    database: Database | None = request.getfixturevalue("database") if request.param == "database" else None
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    for name in ("SUPABASE_DB_URL", "DATABASE_URL", "SUPABASE_URL", "SUPABASE_ACCESS_TOKEN"):
        patch.delenv(name, raising=False)
    if database is not None:
        patch.setenv("SUPABASE_DB_URL", database.dsn)
    patch.chdir(root)
    found = Project(root, request.getfixturevalue("capsys"), database)
    found.write("schema-sync.toml", "" if database else 'source = "migrations"\n')
    for path, text in files.items():
        found.write(path, text)
    found.change(schema)
    code, out, err = found.run("update")
    assert code == 0, out + err
    assert {path: found.read(path) for path in files} == files
    return found
