"""A folder of migrations, and `migrations check` run on it, as a program and as a person does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from schema_sync import cli

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/migrations.schema.json").read_text())
FOLDER = "supabase/migrations"
GOOD = "set lock_timeout = '1s';\nset statement_timeout = '5s';\n"  # what Squawk wants first


class Checked(NamedTuple):
    code: int
    document: dict[str, Any]
    err: str

    @property
    def rules(self) -> set[tuple[str, str]]:
        return {(problem["rule"], problem["path"].rsplit("/", 1)[-1]) for problem in self.document["problems"]}


class Shown(NamedTuple):
    code: int
    text: str


Check = Callable[..., Checked]
Show = Callable[..., Shown]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Writes files below the folder and runs the command; its document is valid by its schema."""
    monkeypatch.chdir(tmp_path)

    def runner(files: dict[str, str | bytes] | None = None, *arguments: str) -> Checked:
        write(tmp_path, files or {})
        code = cli.run(["migrations", "check", "--format", "json", *arguments])
        out, err = capsys.readouterr()
        document = json.loads(out) if out else {}
        if out:
            jsonschema.validate(document, SCHEMA)
        return Checked(code, document, err)

    return runner


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def shown(tmp_path: Path, check: Check, capsys: pytest.CaptureFixture[str]) -> Show:
    """Writes files below the folder, runs the command as a person does, returns its exit code and text."""

    def runner(files: dict[str, str | bytes], *arguments: str) -> Shown:
        write(tmp_path, files)
        code = cli.run(["-q", "migrations", "check", *arguments])
        return Shown(code, capsys.readouterr().out)

    return runner
