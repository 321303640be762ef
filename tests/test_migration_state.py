"""Which migrations of the repository the database has, by the table of Supabase's CLI, and what waits for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doubles import postgrest as postgrest_double
from schema_sync import cli
from schema_sync.model.migration_state import Recorded
from schema_sync.reports.formats import FORMATS
from schema_sync.setup.doctor import VARIABLES
from schema_sync.usecases import migration_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

    Run = Callable[..., tuple[int, str, str]]

FIRST, SECOND = "20260101000000_orders.sql", "20260102000000_add_total.sql"
ORDERS = "create type state as enum ('open'); create table orders (id int primary key, state state not null);"
ADDED = "-- total\nalter table public.orders add column total numeric not null default 0;\n"
ROW = """\
from typing import TypedDict


class OrderRow(TypedDict):
    id: int
    state: str
    total: float
"""
ENUM = 'from enum import Enum\n\n\nclass State(str, Enum):\n    OPEN = "open"\n'
HINT = f"{SECOND} names it, and is not applied yet: supabase db push."
PENDING = f"not recorded as applied to this database: 1 of 2 migrations in supabase/migrations: {SECOND}; `supabase db push`"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, in a project whose classes fit its two migrations."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"schemas/enums.py": ENUM, "schemas/database/entities.py": ROW})
    write(tmp_path, {f"supabase/migrations/{FIRST}": ORDERS, f"supabase/migrations/{SECOND}": ADDED})

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def behind(run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same with a database that has the first migration only."""
    database.run(ORDERS)
    record(database, FIRST)
    monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
    return run


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def record(database: Database, *names: str) -> None:
    for name in names:
        database.run(f"insert into supabase_migrations.schema_migrations values ('{name.partition('_')[0]}')")


def document(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", "--format", "json")[1])
    return found


class TestPending:
    def test_it_is_told_once_and_with_what_waits_for_it(self, behind: Run) -> None:
        code, out, err = behind("check")
        assert code == 1
        assert "Removed columns: total" in out
        assert err.count(PENDING) == 1
        found = document(behind)
        assert found["migrations"] == {
            "folder": "supabase/migrations",
            "files": 2,
            "known": True,
            "pending": [SECOND],
            "unknown": [],
            "why": "",
            "late": False,
        }
        (finding,) = found["findings"]
        assert finding["migration"] == SECOND
        assert finding["message"].endswith(HINT)

    def test_one_that_is_older_than_the_last_applied_needs_an_option(
        self, behind: Run, database: Database
    ) -> None:
        database.run("insert into supabase_migrations.schema_migrations values ('99990101000000')")
        _, _, err = behind("check")
        assert f"{SECOND}; `supabase db push --include-all` applies them" in err
        (finding,) = document(behind)["findings"]
        assert finding["message"].endswith("is not applied yet: supabase db push --include-all.")

    @pytest.mark.parametrize("name", ["markdown", "html"])
    def test_in_reports(self, behind: Run, name: str) -> None:
        out = behind("check", "--format", name)[1]
        assert name in FORMATS
        shown = out.replace("\\", "").replace("&#95;", "_").replace("&#96;", "`").replace("&#58;", ":")
        assert shown.count("not recorded as applied to this database") == 1
        assert "names it, and is not applied yet" in shown

    def test_the_fingerprint_stays(self, behind: Run, database: Database) -> None:
        (before,) = document(behind)["findings"]
        record(database, SECOND)
        (after,) = document(behind)["findings"]
        assert before["fingerprint"] == after["fingerprint"]
        assert "migration" not in after

    def test_what_does_not_differ_is_told_too(self, behind: Run, database: Database) -> None:
        database.run(ADDED)
        code, _, err = behind("check")
        assert code == 0
        assert PENDING in err

    def test_what_no_pending_migration_names(self, behind: Run, tmp_path: Path) -> None:
        rows = tmp_path / "schemas/database/entities.py"
        rows.write_text(ROW + "    note: str\n")
        messages = {f["object"]["column"]: f["message"] for f in document(behind)["findings"]}
        assert HINT in messages["total"]
        assert "names it" not in messages["note"]

    @pytest.mark.parametrize(
        ("sql", "names_it"),
        [
            ('alter table "orders" add column "total" int;', True),
            ("do $$ begin alter table orders add total int; end $$;", True),
            ("alter table orders /* total */ add note int; -- total\n", False),
            ("alter table orders add note int; alter table others add total int;", False),
            ("alter table orders add total_net int;", False),
            ("alter table orders add note int; 'unclosed total", False),
        ],
    )
    def test_a_statement_has_to_name_table_and_column(
        self, behind: Run, tmp_path: Path, sql: str, *, names_it: bool
    ) -> None:
        write(tmp_path, {f"supabase/migrations/{SECOND}": sql})
        (finding,) = document(behind)["findings"]
        assert ("migration" in finding) == names_it

    def test_labels_and_queries(self, behind: Run, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                f"supabase/migrations/{SECOND}": ADDED + "alter type state add value 'in transit';",
                "schemas/enums.py": ENUM + '    IN_TRANSIT = "in transit"\n',
                "app/db.py": "from supabase import create_client\n\n"
                'create_client("u", "k").table("orders").select("total").execute()\n',
            },
        )
        found = {finding["rule"]: finding for finding in document(behind)["findings"]}
        assert {"column-removed", "enum-label-removed", "unknown-column"} <= found.keys()
        for finding in found.values():
            assert finding["message"].endswith(HINT), finding["rule"]

    def test_a_file_that_cannot_be_read_is_still_pending(self, behind: Run, tmp_path: Path) -> None:
        (tmp_path / "supabase/migrations" / SECOND).write_bytes(b"\xff")
        found = document(behind)
        assert found["migrations"]["pending"] == [SECOND]
        assert "migration" not in found["findings"][0]


class TestApplied:
    def test_all_of_them(self, behind: Run, database: Database) -> None:
        record(database, SECOND)
        err = behind("check")[2]
        assert "recorded as applied to this database: all of 2 migrations in supabase/migrations" in err
        assert "`schema-sync check --source migrations`" in err
        database.run(ADDED)
        code, _, err = behind("check")
        assert code == 0
        assert "applied" not in err, "nothing differs"

    def test_what_no_file_has(self, behind: Run, database: Database) -> None:
        record(database, SECOND, "20269999000000_x")
        err = behind("check")[2]
        assert (
            "applied to this database, and not in supabase/migrations: 20269999000000; `supabase migration" in err
        )
        assert "changed by hand" not in err
        assert document(behind)["migrations"]["unknown"] == ["20269999000000"]


class TestNotKnown:
    @pytest.mark.parametrize(
        ("sql", "why"),
        [
            ("drop table supabase_migrations.schema_migrations", "the database has no table"),
            (
                "drop table supabase_migrations.schema_migrations;"
                "create view supabase_migrations.schema_migrations as select '1'::text version",
                "cannot be read with these rights",
            ),
            (
                "alter table supabase_migrations.schema_migrations alter version type int8 using 1",
                "cannot be read with these rights",
            ),
        ],
    )
    def test_it_is_said_and_nothing_guessed(self, behind: Run, database: Database, sql: str, why: str) -> None:
        database.run(sql)
        code, _, err = behind("check")
        assert code == 1
        assert "which migrations of supabase/migrations are applied is not known: the" in err
        assert why in err
        found = document(behind)
        assert (found["migrations"]["known"], found["migrations"]["pending"]) == (False, [])
        assert "migration" not in found["findings"][0]

    def test_without_the_right_to_read_and_with_policies(
        self, behind: Run, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SUPABASE_DB_URL", database.dsn.replace("options=''", "options='-c role=anon'"))
        assert document(behind)["migrations"]["known"] is False
        database.run("grant usage on schema supabase_migrations to anon")
        database.run("grant select on all tables in schema supabase_migrations to anon")
        assert document(behind)["migrations"]["known"] is True
        database.run("alter table supabase_migrations.schema_migrations enable row level security")
        assert document(behind)["migrations"]["known"] is False

    def test_through_postgrest(self, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        database.run(ORDERS)
        with postgrest_double.serving(postgrest_double.Double(dsn=database.dsn)) as double:
            monkeypatch.setenv("SUPABASE_URL", double.url)
            monkeypatch.setenv("SUPABASE_SERVICE_KEY", postgrest_double.SECRET_KEY)
            found = document(run)["migrations"]
        assert found["why"] == "the source postgrest does not show it"


class TestNotAsked:
    def test_files_are_no_database(self, behind: Run) -> None:
        for source in ("migrations", "lock"):
            assert behind("update", "--source", "migrations")[0] == 0
            assert "migrations" not in json.loads(behind("check", "--format", "json", "--source", source)[1])

    def test_the_files_of_another_tool(self, behind: Run, tmp_path: Path) -> None:
        (tmp_path / "db").mkdir()
        (tmp_path / "supabase/migrations").rename(tmp_path / "db/migrations")
        write(tmp_path, {"schema-sync.toml": 'source = "migrations:db/migrations"\n'})
        assert "migrations" not in json.loads(behind("check", "--format", "json", "--source", "live")[1])

    def test_the_clis_folder_elsewhere(self, behind: Run, tmp_path: Path) -> None:
        (tmp_path / "backend").mkdir()
        (tmp_path / "supabase").rename(tmp_path / "backend/supabase")
        write(tmp_path, {"schema-sync.toml": 'source = "migrations:backend/supabase/migrations"\n'})
        found = json.loads(behind("check", "--format", "json", "--source", "live")[1])["migrations"]
        assert (found["folder"], found["pending"]) == ("backend/supabase/migrations", [SECOND])


@pytest.mark.parametrize(
    ("applied", "late"),
    [
        ((), False),
        (("20260101000000", "20260102000000"), False),
        (("20260101000000",), False),
        (("20260102000000",), True),
        (("20260101000000", "20270101000000"), True),  # the last one is in no file
        (("20250101000000",), False),
    ],
)
def test_a_pending_migration_is_late_where_a_later_one_is_applied(applied: tuple[str, ...], late: bool) -> None:
    by_version = {number: Path(f"{number}_x.sql") for number in ("20260101000000", "20260102000000")}
    found = migration_state.Files(folder="supabase/migrations", by_version=by_version)
    assert migration_state.state(found, Recorded(versions=applied)).late is late
