"""init in an empty folder, and the files there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schema_sync import cli
from schema_sync.cli import setup

REPOSITORY = Path(__file__).parents[2]
WORKFLOW = ".github/workflows/schema-check.yml"
SCRIPT = "scripts/query_db_schema.py"
MODEL = "from pydantic import BaseModel\n\n\nclass {name}(BaseModel):\n    id: str\n"
ROW = "from typing import TypedDict\n\n\nclass {name}(TypedDict):\n    id: str\n"
TABLE = """from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
"""
ENUM = "from enum import Enum\n\n\nclass {name}(str, Enum):\n    A = 'a'\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(setup, "_on_terminal", lambda: False)

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments])
        return (code, *capsys.readouterr())

    return runner


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def contents(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
