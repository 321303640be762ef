"""``--source live`` and ``--source offline``: by the configuration, else by what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.setup.doctor import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Database

    Run = Callable[..., tuple[int, str, str]]

TABLE = "create table people (id int primary key);\n"
ROW = "from typing import TypedDict\n\n\nclass PersonRow(TypedDict):\n    id: int\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in a project with a class, migrations in db/sql and nothing that leads to a database."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for path, text in {"schemas/database/entities.py": ROW, "db/sql/001_people.sql": TABLE}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments])
        return code, *capsys.readouterr()

    return run


def configure(root: Path, source: str) -> None:
    (root / "schema-sync.toml").write_text(f'source = "{source}"\n')


class TestOffline:
    def test_the_configured_migrations_else_the_clis_else_the_lock(self, tmp_path: Path, run: Run) -> None:
        configure(tmp_path, "migrations:db/sql")
        code, _, err = run("check", "--source", "offline")
        assert code == 0
        assert "source: migrations, db/sql\n" in err

        configure(tmp_path, "auto")
        code, _, err = run("check", "--source", "offline")
        assert code == 3
        assert "Error: schemas/schema_lock.json: No such file" in err
        assert "schema-sync update --source auto" in err
        assert run("update", "--source", "migrations:db/sql")[0] == 0
        code, _, err = run("check", "--source", "offline")
        assert (code, "source: lock, schemas/schema_lock.json (offline: there are no migrations)" in err) == (
            0,
            True,
        )

        (tmp_path / "supabase").mkdir()
        (tmp_path / "db/sql").rename(tmp_path / "supabase/migrations")
        err = run("check", "--source", "offline")[2]
        assert "source: migrations, supabase/migrations (offline: supabase/migrations exists)" in err

    def test_a_live_source_of_the_configuration_is_not_asked(self, tmp_path: Path, run: Run) -> None:
        configure(tmp_path, "postgresql://someone@127.0.0.1:1/x")
        assert run("update", "--source", "migrations:db/sql")[0] == 0
        assert run("check", "--source", "offline")[0] == 0

    def test_in_the_configuration(self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://someone@127.0.0.1:1/x")
        assert run("update", "--source", "migrations:db/sql")[0] == 0
        configure(tmp_path, "offline")
        assert "(offline: there are no migrations)" in run("check")[2]
        assert "git hook: offline, because no live source is configured" in run("doctor")[1]


class TestLive:
    def test_the_database_where_the_configuration_names_migrations(
        self, tmp_path: Path, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure(tmp_path, "migrations:db/sql")
        database.run(TABLE.replace("id int", "id int, born date"))
        monkeypatch.setenv("DATABASE_URL", database.dsn)
        code, out, err = run("check", "--source", "live")
        assert code == 1
        assert "Added columns: born" in out
        assert "(live: DATABASE_URL is set)" in err

    def test_the_configured_database_wins_over_another(
        self, tmp_path: Path, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database.run(TABLE)
        configure(tmp_path, "postgresql://someone@127.0.0.1:1/x")
        monkeypatch.setenv("DATABASE_URL", database.dsn)
        assert run("check", "--source", "dsn")[0] == 0
        code, _, err = run("check", "--source", "live")
        assert code == 3
        assert "127.0.0.1" in err

    def test_without_a_database_no_migrations_stand_in(self, tmp_path: Path, run: Run) -> None:
        (tmp_path / "supabase").mkdir()
        (tmp_path / "db/sql").rename(tmp_path / "supabase/migrations")
        code, _, err = run("check", "--source", "live")
        assert code == 2
        assert "Error: no live source is configured" in err
        assert "SUPABASE_DB_URL" in err
        assert "embedded PostgreSQL" not in err

    def test_what_is_no_source_is_said(self, tmp_path: Path, run: Run) -> None:
        configure(tmp_path, "nonsense:x")
        assert "no source 'nonsense'" in run("check", "--source", "live")[2]
        configure(tmp_path, "lvie")
        assert "Did you mean live?" in run("check")[2]
