"""init: which SQL it takes for the schema, and which for another tool's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from initializing import write

from schema_sync.setup.find_migrations import find, reason, together

if TYPE_CHECKING:
    from pathlib import Path

SQL = "create table a (id int);\n"


def found(root: Path, *code: str, named: str = "") -> list[str]:
    return [place.sources[0] for place in find(root, code, named.split())]


def creating(*names: str) -> str:
    return "".join(f"create table {name} (id int);\n" for name in names)


class TestFound:
    @pytest.mark.parametrize(
        ("files", "source"),
        [
            (["supabase/migrations/1_a.sql"], "migrations"),
            (["supabase/schemas/a.sql"], "migrations"),
            (["supabase/schemas/deep/a.sql"], "migrations"),
            (["supabase/migrations/1_a.sql", "supabase/schemas/a.sql"], "migrations"),
            (["backend/supabase/migrations/1_a.sql"], "migrations:backend/supabase/migrations"),
            (["backend/supabase/schemas/a.sql"], "migrations:backend/supabase/schemas"),
            (["db/migrations/a.sql"], "migrations:db/migrations"),
            (["packages/db/migrations/1_a.sql"], "migrations:packages/db/migrations"),
            (["infra/sql/001_a.sql", "infra/sql/002_b.sql"], "migrations:infra/sql"),
            (
                ["backend/schema.sql", "backend/migrations/1_a.sql"],
                "migrations:backend/schema.sql,backend/migrations",
            ),
            (
                ["supabase/schema.sql", "supabase/migrations/1_a.sql"],
                "migrations:supabase/schema.sql,supabase/migrations",
            ),
            (["db/schema.sql"], "migrations:db/schema.sql"),
        ],
    )
    def test_wherever_it_is(self, tmp_path: Path, files: list[str], source: str) -> None:
        write(tmp_path, dict.fromkeys(files, SQL))
        assert found(tmp_path) == [source]

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("queries/report.sql", SQL),
            ("tests/migrations/1_a.sql", SQL),
            ("node_modules/x/migrations/1_a.sql", SQL),
            ("venv/x/migrations/1_a.sql", SQL),
            ("a,b/migrations/1_a.sql", SQL),
            ("prisma/migrations/2024_init/migration.sql", SQL),
            ("shop/migrations/0001_a.sql", SQL),
            ("alembic/versions/1_a.sql", SQL),
            ("db/migrations/1_a.down.sql", SQL),
            ("db/migrations/1_a.sql", "-- +goose Up\n" + SQL),
            ("db/migrations/1_a.sql", "-- migrate:up\n" + SQL),
            ("clickhouse/migrations/1_a.sql", "create table a (id Int32) ENGINE = MergeTree\n"),
        ],
    )
    def test_not_another_tools(self, tmp_path: Path, path: str, text: str) -> None:
        write(tmp_path, {path: text, "shop/migrations/0001_a.py": "", "venv/pyvenv.cfg": ""})
        assert found(tmp_path) == []

    @pytest.mark.parametrize(
        ("beside", "sources"),
        [
            ("__init__.py", ["migrations:db/migrations"]),
            ("migration_runner.py", ["migrations:db/migrations"]),
            ("0002_b.py", []),
            ("20240101_01_a1b2c-b.py", []),
            ("1975ea83b712_b.py", []),
            ("env.py", []),
        ],
    )
    def test_python_beside_it(self, tmp_path: Path, beside: str, sources: list[str]) -> None:
        write(tmp_path, {"db/migrations/1_a.sql": SQL, f"db/migrations/{beside}": ""})
        assert found(tmp_path) == sources

    def test_not_what_git_ignores(self, tmp_path: Path) -> None:
        write(tmp_path, {"build/migrations/1_a.sql": SQL, ".gitignore": "build\n"})
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        assert found(tmp_path) == []

    def test_schema_paths_of_supabases_cli(self, tmp_path: Path) -> None:
        write(tmp_path, {"supabase/config.toml": "[db.migrations]\nschema_paths = ['./a.sql']\n"})
        assert found(tmp_path) == ["migrations"]


class TestTables:
    """The tables that the code names decide, where there are any."""

    def test_before_code_and_files(self, tmp_path: Path) -> None:
        texts = {"a/migrations/1_a.sql": creating("t1"), "a/migrations/2_a.sql": creating("t1", "x", "y")}
        write(tmp_path, texts | {"supabase/migrations/1_a.sql": creating("t1", "t2")})
        assert found(tmp_path, "a/app.py")[0] == "migrations:a/migrations"
        assert found(tmp_path, "a/app.py", named="t1 t2") == ["migrations", "migrations:a/migrations"]
        assert "tables that the code names" in reason(find(tmp_path, ["a/app.py"], ["t1", "t2"]))

    @pytest.mark.parametrize(
        "text",
        [
            "CREATE TABLE IF NOT EXISTS public.t1 (id int);",
            'create table "public"."t1" (id int);',
            "create unlogged table t1();",
            "create or replace view t1 as select 1;",
            "create materialized view app . t1 as select 1;",
        ],
    )
    def test_one_file_of_any_name(self, tmp_path: Path, text: str) -> None:
        write(tmp_path, {"sql/all.sql": text, "sql/report.sql": SQL, "seed.sql": "insert into t1 values (1);"})
        assert found(tmp_path, named="t1 t2") == ["migrations:sql/all.sql"]
        place = find(tmp_path, [], ["t1", "t2", "t3"])[0]
        assert place.is_part
        assert not find(tmp_path, [], ["t1", "t2"])[0].is_part
        assert found(tmp_path, named="t2") == []

    def test_one_file_may_be_a_dump_that_nobody_keeps(self, tmp_path: Path) -> None:
        write(tmp_path, {"db/migrations/1_a.sql": creating("t1", "t2"), "old.sql": creating("t1", "t2", "t3")})
        assert found(tmp_path, named="t1 t2 t3") == ["migrations:db/migrations", "migrations:old.sql"]
        write(tmp_path, {"old.sql": creating("t1", "t2", "t3", "t4", "t5", "t6")})
        assert found(tmp_path, named="t1 t2 t3 t4 t5 t6")[0] == "migrations:old.sql"

    def test_not_another_tools_file(self, tmp_path: Path) -> None:
        write(tmp_path, {"mysql.sql": "create table t1 (id int auto_increment) ENGINE = InnoDB;\n"})
        assert found(tmp_path, named="t1") == []


class TestParts:
    """Two places are one history where they create other tables, and names give their files an order."""

    @pytest.mark.parametrize(
        ("files", "one"),
        [
            (
                {"supabase/migrations/2_a.sql": "t1 t2", "api/migrations/1_b.sql": "t3"},
                "migrations:supabase/migrations,api/migrations",
            ),
            (
                {"supabase/migrations/2_a.sql": "t1 t2", "api/all.sql": "t3 t4 t5"},
                "migrations:api/all.sql,supabase/migrations",
            ),
            ({"supabase/migrations/2_a.sql": "t1 t2", "api/migrations/1_b.sql": "t2 t3"}, ""),
            ({"supabase/migrations/2_a.sql": "t1 t2", "api/migrations/1_b.sql": "another"}, ""),
            ({"supabase/migrations/2_a.sql": "t1 t2", "api/migrations/b.sql": "t3"}, ""),
            ({"supabase/migrations/a.sql": "t1 t2", "api/migrations/1_b.sql": "t3"}, ""),
        ],
    )
    def test_together(self, tmp_path: Path, files: dict[str, str], one: str) -> None:
        write(tmp_path, {path: creating(*names.split()) for path, names in files.items()})
        first, second = find(tmp_path, [], ["t1", "t2", "t3", "t4", "t5"])
        assert (together([first, second]) if second.is_rest else "") == one


class TestOrder:
    def test_the_code_decides_then_the_number_of_files(self, tmp_path: Path) -> None:
        write(
            tmp_path, dict.fromkeys(["a/migrations/1_a.sql", "b/migrations/1_a.sql", "b/migrations/2_b.sql"], SQL)
        )
        assert reason(find(tmp_path / "a", [])) == ""
        assert found(tmp_path) == ["migrations:b/migrations", "migrations:a/migrations"]
        assert reason(find(tmp_path, [])) == "it has the most files"
        assert found(tmp_path, "a/app.py") == ["migrations:a/migrations", "migrations:b/migrations"]
        assert "beside it" in reason(find(tmp_path, ["a/app.py"]))
        assert found(tmp_path, "a/app.py", "b/x.py", "b/y.py")[0] == "migrations:b/migrations"

    def test_the_innermost_part_of_the_repository(self, tmp_path: Path) -> None:
        write(tmp_path, dict.fromkeys(["supabase/migrations/1_a.sql", "backend/db/migrations/1_a.sql"], SQL))
        assert found(tmp_path, "backend/app.py")[0] == "migrations:backend/db/migrations"
        assert found(tmp_path, "web/app.py")[0] == "migrations"
        assert found(tmp_path)[0] == "migrations"
        assert reason(find(tmp_path, [])) == "Supabase's CLI applies it"
        assert reason(find(tmp_path / "backend", [])) == ""
