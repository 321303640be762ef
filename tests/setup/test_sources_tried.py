"""init: the source that it writes is one that can be read; what else was tried is told."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING

import pytest
from initializing import MODEL, ROW, Run, run, write
from scratch_repositories import CALLS, LATER, ORDERS, make

from schema_sync import config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Database

__all__ = ["run"]  # fixture
MIGRATION = {"db/migrations/001_a.sql": ORDERS}


@pytest.fixture(autouse=True)
def _unconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUPABASE_DB_URL", "DATABASE_URL", "SUPABASE_URL", "SUPABASE_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql://someone:secret@127.0.0.1:{server.getsockname()[1]}/x"


def chosen(root: Path) -> tuple[str, str | None]:
    loaded = config.load(root).config
    return loaded.source, loaded.require


@pytest.mark.thorough
class TestSource:
    def test_a_database_that_answers_wins(
        self, tmp_path: Path, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database.run(ORDERS)
        monkeypatch.setenv("DATABASE_URL", database.dsn)
        write(tmp_path, MIGRATION)
        err = run("init")[2]
        assert 'source = "auto" (dsn (DATABASE_URL is set)): 2 tables, 1 enum\n' in err
        assert chosen(tmp_path) == ("auto", "all")

    def test_one_that_refuses_loses_to_migrations(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://someone:secret@127.0.0.1:1/x")
        write(tmp_path, {"supabase/migrations/1_a.sql": ORDERS})
        code, _, err = run("init")
        assert code == 0
        assert "tried dsn (DATABASE_URL is set): " in err
        assert "secret" not in err
        assert 'source = "migrations", the first that can be read: 2 tables, 1 enum\n' in err
        assert chosen(tmp_path) == ("migrations", "all")

    @pytest.mark.thorough
    def test_one_that_hangs_is_not_waited_for(
        self, tmp_path: Path, run: Run, silent: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", silent)
        write(tmp_path, MIGRATION)
        begun = time.monotonic()
        err = run("init")[2]
        assert time.monotonic() - begun < 30
        assert "tried dsn (DATABASE_URL is set): " in err
        assert chosen(tmp_path)[0] == "migrations:db/migrations"

    def test_two_folders_that_create_other_tables_are_one_history(self, tmp_path: Path, run: Run) -> None:
        notes = "create table notes (id bigint primary key, order_id uuid references orders);\n"
        code = 'client.table("orders").select("id")\nclient.table("notes").select("id, gone")\n'
        files = {"supabase/migrations/1_a.sql": ORDERS, "my api/migrations/2_b.sql": notes}
        write(
            tmp_path,
            files | {"app.py": f"from supabase import create_client\nclient = create_client('', '')\n{code}"},
        )
        err = run("init")[2]
        source = "migrations:supabase/migrations,my api/migrations"
        assert f'source = "{source}": 3 tables, 1 enum\n' in err
        assert chosen(tmp_path)[0] == source
        assert run("check", "-q")[1].count("gone") == 1

        write(tmp_path, {"my api/migrations/2_b.sql": notes.replace("orders", "nowhere")})
        (tmp_path / "schema-sync.toml").unlink()
        assert f"tried {source}: my api/migrations/2_b.sql:1: relation" in run("init")[2]
        assert chosen(tmp_path)[0] == "migrations"

    def test_a_folder_with_a_space_in_its_name(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"my app/db/migrations/001_a.sql": ORDERS})
        assert 'source = "migrations:my app/db/migrations": 2 tables, 1 enum\n' in run("init")[2]
        assert chosen(tmp_path)[0] == "migrations:my app/db/migrations"
        assert "Unknown" not in run("check")[1]

    def test_where_nothing_can_be_read_the_likeliest_is_written(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://someone@127.0.0.1:1/x")
        write(tmp_path, {"db/migrations/001_a.sql": LATER})
        code, _, err = run("init")
        assert code == 0
        assert "tried migrations:db/migrations: db/migrations/001_a.sql:1: relation" in err
        assert "first check: not possible yet\n" in err
        assert chosen(tmp_path) == ("auto", None)

    def test_migrations_that_fail_in_part_are_read_without_what_fails(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"db/migrations/001_a.sql": ORDERS + LATER + "alter table gone add a int;\n"})
        code, _, err = run("init")
        assert code == 0
        assert "tried migrations:db/migrations: db/migrations/001_a.sql:6: relation" in err
        assert 'source = "migrations:db/migrations", the first that can be read: 2 tables, 1 enum\n' in err
        assert "; 4 of 5 statements of the migrations were applied\n" in err
        text = (tmp_path / "schema-sync.toml").read_text()
        assert '# 4 of 5 statements of the migrations were applied.\non-migration-error = "continue"\n' in text
        assert chosen(tmp_path)[0] == "migrations:db/migrations"
        assert run("check")[0] == 1
        assert run("doctor")[0] == 0

    def test_a_file_that_is_a_part_is_no_source(self, tmp_path: Path, run: Run) -> None:
        calls = "".join(f'db.table("t{number}").select("id").execute()\n' for number in range(3))
        write(tmp_path, {"app/client.py": CALLS + calls, "sql/extra.sql": "create table t1 (id int);\n"})
        err = run("init")[2]
        assert "found SQL: sql/extra.sql (1 file): left out, because it creates few of the tables" in err
        assert chosen(tmp_path)[0] == "auto"

    def test_alembics_migrations_are_told_how_to_be_read(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"api/alembic.ini": "[alembic]\n", "app/client.py": CALLS})
        step = "`cd api && alembic upgrade head --sql > schema.sql` writes them as SQL: then set source = "
        assert f'{step}"migrations:api/schema.sql"' in run("init")[2]
        assert step in run("doctor")[1]
        write(tmp_path, {"api/schema.sql": ORDERS})
        assert run("init", "--force")[0] == 0
        assert chosen(tmp_path)[0] == "migrations:api/schema.sql"
        assert "alembic" not in run("doctor")[1]

    def test_the_same_in_the_scripts_configuration(self, tmp_path: Path, run: Run) -> None:
        script = {"scripts/sync_schema.py": "import schema_sync\n"}
        write(tmp_path, script | {"db/migrations/001_a.sql": ORDERS + "alter table gone add a int;\n"})
        run("init")
        assert config.load(tmp_path).config.on_migration_error == "continue"

    def test_whole_ones_win_over_those_that_fail(self, tmp_path: Path, run: Run) -> None:
        whole = {"web/migrations/001_a.sql": ORDERS.replace("note text", "memo text")}
        code = {"app/client.py": CALLS + 'db.table("customers").select("id").execute()\n'}
        write(tmp_path, code | whole | {"app/migrations/001_a.sql": ORDERS + "alter table gone add a int;\n"})
        run("init")
        assert chosen(tmp_path)[0] == "migrations:web/migrations"
        assert config.load(tmp_path).config.on_migration_error == "stop"

    def test_a_configuration_that_stands_is_not_read_otherwise_than_it_says(
        self, tmp_path: Path, run: Run
    ) -> None:
        write(tmp_path, {"db/migrations/001_a.sql": ORDERS + "alter table gone add a int;\n"})
        write(tmp_path, {"schema-sync.toml": 'source = "migrations:db/migrations"\n'})
        assert "first check: not possible yet\n" in run("init")[2]

    def test_a_dry_run_tries_nothing(
        self, tmp_path: Path, run: Run, silent: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", silent)
        write(tmp_path, MIGRATION)
        begun = time.monotonic()
        err = run("init", "--dry-run")[2]
        assert time.monotonic() - begun < 5
        assert "tried" not in err
        assert "first check" not in err
        assert "next:" not in err

    def test_the_source_that_the_user_names(self, tmp_path: Path, run: Run, database: Database) -> None:
        write(tmp_path, MIGRATION | {"old/001_a.sql": LATER + ORDERS})
        run("--source", "migrations:old", "init")
        assert chosen(tmp_path)[0] == "migrations:old"
        (tmp_path / "schema-sync.toml").unlink()
        run("--source", database.dsn, "init")
        assert chosen(tmp_path)[0] == "auto"

    def test_what_is_configured_stands(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, MIGRATION | {"app/db.py": ROW.format(name="UserRow")})
        run("init")
        path = tmp_path / "schema-sync.toml"
        path.write_text(path.read_text().replace('require = "all"', 'require = "declared"'))
        write(tmp_path, {"supabase/migrations/1_a.sql": ORDERS, "web/db.py": ROW.format(name="OrderRow") * 3})
        before = path.read_text()
        code, _, err = run("init")
        assert (code, path.read_text()) == (2, before)
        assert "in app/**/*.py" in err
        assert run("init", "--force")[0] == 0
        assert chosen(tmp_path) == ("auto", "all")

    def test_a_configuration_elsewhere_is_checked_with(self, tmp_path: Path, run: Run) -> None:
        write(
            tmp_path, MIGRATION | {"pyproject.toml": "[tool.schema-sync]\nsource = 'migrations:db/migrations'\n"}
        )
        err = run("init")[2]
        assert 'source = "migrations:db/migrations": 2 tables, 1 enum\n' in err
        assert "first check: 3 findings (0 critical, 3 high, 0 medium, 0 low)\n" in err


class TestCounts:
    @pytest.mark.parametrize("name", ["pydantic-rows", "typeddict-only", "no-classes", "monorepo"])
    def test_they_are_those_of_check(self, tmp_path: Path, run: Run, name: str) -> None:
        make(tmp_path, name)
        err = run("init")[2]
        summary = json.loads(run("check", "--format", "json")[1])["summary"]
        found = [f"{summary[word]} {word}" for word in ("critical", "high", "medium", "low")]
        total = sum(summary[word] for word in ("critical", "high", "medium", "low"))
        assert (f"({', '.join(found)})" if total else "first check: no findings") in err

    def test_require_is_what_check_decides(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, MIGRATION | {"app/api.py": MODEL.format(name="OrderCreate")})
        run("init")
        assert chosen(tmp_path)[1] == "declared"
        assert config.load(tmp_path).config.target == "pydantic"


class TestForAgents:
    def test_what_is_pasted_is_not_offered_again(self, tmp_path: Path, run: Run) -> None:
        err = run("init")[2]
        pasted = err[err.index("{\n") : err.index("\n\nfor coding agents, to paste into AGENTS.md")]
        assert json.loads(pasted)["mcpServers"]["schema-sync"] == {"command": "schema-sync", "args": ["mcp"]}
        assert not (tmp_path / ".mcp.json").exists()
        write(tmp_path, {".mcp.json": pasted, "AGENTS.md": "- Run tests.\n"})
        err = run("init")[2]
        assert ".mcp.json" not in err
        assert "to paste into AGENTS.md" in err
        assert (tmp_path / "AGENTS.md").read_text() == "- Run tests.\n"

    def test_below_the_top_of_a_repository(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path, {".git/HEAD": "", "services/api/app.py": "", "AGENTS.md": "schema-sync check\n"})
        monkeypatch.chdir(tmp_path / "services/api")
        err = run("init")[2]
        assert '"args": ["mcp", "--directory", "services/api"]' in err
        assert "AGENTS.md" not in err
        (tmp_path / "AGENTS.md").unlink()
        assert "run `schema-sync check` in services/api: exit code 0" in run("init")[2]
