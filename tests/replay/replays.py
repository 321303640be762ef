"""Migration files applied to a test's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_sync.errors import MigrationError
from schema_sync.replay.apply import replay
from schema_sync.replay.migration_files import migration_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Database

    Replay = Callable[..., tuple[str, ...]]


@pytest.fixture
def apply(database: Database, tmp_path: Path) -> Replay:
    """Apply files, given as ``name=text``, to the test's database."""

    def apply(**files: str | bytes) -> tuple[str, ...]:
        folder = tmp_path / "supabase" / "migrations"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / f"{name}.sql").write_bytes(text.encode() if isinstance(text, str) else text)
        return replay(
            migration_files(folder),
            tmp_path,
            database.owner_dsn,
        ).notes

    return apply


def failure(apply: Replay, text: str | bytes) -> MigrationError:
    with pytest.raises(MigrationError) as caught:
        apply(**{"1_a": text})
    assert caught.value.exit_code == 3
    return caught.value
