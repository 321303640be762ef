"""analyze: what no Python code mentions, and what keeps it from being listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from exported import analysis, run

if TYPE_CHECKING:
    from pathlib import Path

    from exported import Run

    from conftest import Database

__all__ = ["run"]  # fixture

SCHEMA = """
create table customers (id int primary key, name text, email text, phone text);
create table orders (
    id int primary key, customer int references customers, total int, "Note" text, legacy_code text
);
create table order_archive (id int primary key);
create table schema_migrations (version text);
create view big_orders as select * from orders where total > 100;
create function refund(a int) returns int language sql as 'select 1';
create function old_refund(a int) returns int language sql as 'select 1';
"""
HEAD = "from supabase import create_client\n\ndb = create_client('u', 'k')\n"
CODE = f"""{HEAD}
db.table("orders").select("id, total, customers(name)").execute()
db.rpc("refund", {{"a": 1}}).execute()
"""
COLUMNS = ["orders.Note", "orders.legacy_code", "customers.email", "customers.phone"]
ROW = '''from typing import Required, TypedDict


class OrderRow(TypedDict):
    """Table: public.orders"""

    id: int
    total: int
    legacy_code: str


OrderArchiveRow = TypedDict("OrderArchiveRow", {"id": Required[int], "phone": str})  # order_archive
'''


@pytest.fixture
def schema(database: Database) -> Database:
    database.run(SCHEMA)
    return database


def listed(found: dict[str, Any]) -> tuple[set[str] | None, set[str] | None, set[str] | None]:
    """The names of relations, columns and functions."""
    relations, columns, functions = (
        found[f"unmentioned_{kind}"] for kind in ("relations", "columns", "functions")
    )
    return (
        None if relations is None else {each["name"] for each in relations},
        None if columns is None else {f"{each['table']['name']}.{each['column']}" for each in columns},
        None if functions is None else {each["name"] for each in functions},
    )


def with_code(root: Path, run: Run, schema: Database, code: str = CODE) -> dict[str, Any]:
    (root / "app.py").write_text(code)
    return analysis(run, schema)


class TestListed:
    def test_what_neither_queries_nor_other_code_mention(self, tmp_path: Path, run: Run, schema: Database) -> None:
        found = with_code(tmp_path, run, schema)
        assert listed(found) == ({"order_archive", "big_orders"}, {*COLUMNS}, {"old_refund"})
        assert found["not_shown"] == []

    def test_as_text(self, tmp_path: Path, run: Run, schema: Database) -> None:
        (tmp_path / "app.py").write_text(CODE)
        code, out, _ = run("analyze", "--source", schema.dsn)
        assert code == 0
        assert "\nTables and views that no Python code mentions (2)\n  big_orders\n  order_archive\n" in out
        assert "\nColumns that no Python code mentions (4)\n  customers.email\n" in out
        assert "\nFunctions that no Python code mentions (1)\n  old_refund\n" in out

    def test_classes_mention_nothing(self, tmp_path: Path, run: Run, schema: Database) -> None:
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas/rows.py").write_text(ROW)
        (tmp_path / "schemas/schema_version.py").write_text("# big_orders old_refund\n")
        assert listed(with_code(tmp_path, run, schema)) == (
            {"order_archive", "big_orders"},
            {*COLUMNS},
            {"old_refund"},
        )

    @pytest.mark.parametrize(
        ("code", "relations", "columns"),
        [
            ('row["legacy_code"]', 0, 1),
            ("row.note", 0, 1),
            ("x = 'order_archive'", 1, 0),
            ("# big_orders: a view", 1, 0),
            ("x = f'select {y} from big_orders'", 1, 0),
            ("x = 'legacy_codes'", 0, 0),
        ],
    )
    def test_other_code_does(
        self, tmp_path: Path, run: Run, schema: Database, code: str, relations: int, columns: int
    ) -> None:
        (tmp_path / "other.py").write_text(f"{code}\n")
        left, right, _ = listed(with_code(tmp_path, run, schema))
        assert (2 - len(left or ()), 4 - len(right or ())) == (relations, columns)

    def test_a_method_of_a_class_is_other_code(self, tmp_path: Path, run: Run, schema: Database) -> None:
        (tmp_path / "schemas").mkdir()
        model = "from pydantic import BaseModel\n\n\nclass OrderRow(BaseModel):\n    legacy_code: str\n\n"
        method = "    def codes(self):\n        return [self.legacy_code]\n"
        (tmp_path / "schemas/rows.py").write_text(model)
        assert listed(with_code(tmp_path, run, schema))[1] == {*COLUMNS}
        (tmp_path / "schemas/rows.py").write_text(model + method)
        assert listed(with_code(tmp_path, run, schema))[1] == {*COLUMNS} - {"orders.legacy_code"}

    def test_classes_of_sqlalchemy_send_queries(self, tmp_path: Path, run: Run, schema: Database) -> None:
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas/tables.py").write_text(
            "from sqlalchemy.orm import DeclarativeBase, Mapped\n\n\nclass Base(DeclarativeBase):\n    pass\n\n\n"
            "class Archive(Base):\n    __tablename__ = 'order_archive'\n    legacy_code: Mapped[str]\n"
        )
        relations, columns, _ = listed(with_code(tmp_path, run, schema))
        assert (relations, columns) == ({"big_orders"}, {*COLUMNS} - {"orders.legacy_code"})


class TestAllColumns:
    @pytest.mark.parametrize(
        "more",
        [
            'db.table("orders").select("*").execute()',
            'db.table("customers").select("id, orders(*)").execute()',
            'db.table("orders").select().execute()',
            'q = db.table("orders")',
            'x = "select o.* from public.orders o"',
            'x = "select * from customers join \\"orders\\" on true"',
        ],
    )
    def test_may_be_mentioned_at_once(self, tmp_path: Path, run: Run, schema: Database, more: str) -> None:
        columns = listed(with_code(tmp_path, run, schema, f"{CODE}{more}\n"))[1]
        assert columns is not None
        assert not [name for name in columns if name.startswith("orders.")]

    def test_an_import_is_not_sql(self, tmp_path: Path, run: Run, schema: Database) -> None:
        assert listed(with_code(tmp_path, run, schema, f"{CODE}from orders import x\n"))[1] == {*COLUMNS}

    @pytest.mark.parametrize(
        "more",
        [
            'db.table("orders").select(x).execute()',
            'db.table("orders").insert(x).execute()',
            'db.table("orders").insert({"total": 1, **x}).execute()',
        ],
    )
    def test_or_computed(self, tmp_path: Path, run: Run, schema: Database, more: str) -> None:
        found = with_code(tmp_path, run, schema, f"{CODE}{more}\n")
        assert listed(found)[1] == {"customers.email", "customers.phone"}
        assert found["not_shown"] == [
            {
                "what": "columns that no code mentions, of public.orders",
                "why": "calls that do not name all columns that they mean: 1, the first in app.py:7",
            }
        ]

    def test_a_table_that_is_computed_may_be_any(self, tmp_path: Path, run: Run, schema: Database) -> None:
        more = 'db.table(x).select("*").execute()\ndb.schema(x).table("orders").delete().eq(y, 1).execute()\n'
        more += "db.rpc(x).execute()\n"
        found = with_code(tmp_path, run, schema, CODE + more)
        assert listed(found) == ({"order_archive", "big_orders"}, None, {"old_refund"})
        assert found["not_shown"] == [
            {
                "what": "columns that no code mentions",
                "why": "calls that compute their table, or their SQL, at run time: 2, the first in app.py:7",
            }
        ]

    def test_unless_its_columns_are_not(self, tmp_path: Path, run: Run, schema: Database) -> None:
        more = 'db.table(x).select("id, legacy_code").execute()\ndb.schema(x).table("orders").select("id").execute()\n'
        assert listed(with_code(tmp_path, run, schema, CODE + more))[1] == {*COLUMNS} - {"orders.legacy_code"}

    def test_so_may_sql_that_is_computed(self, tmp_path: Path, run: Run, schema: Database) -> None:
        (tmp_path / "sql.py").write_text("import psycopg\n\npsycopg.connect('').execute('select 1')\n")
        assert listed(with_code(tmp_path, run, schema))[1] == {*COLUMNS}
        (tmp_path / "sql.py").write_text("import psycopg\n\npsycopg.connect('').execute(f'select {x}')\n")
        found = with_code(tmp_path, run, schema)
        assert listed(found)[1] is None
        assert found["not_shown"][0]["why"].endswith(": 1, the first in sql.py:3")


class TestNotListed:
    @pytest.mark.parametrize(
        ("files", "why"),
        [
            ({"app.py": "x = 1\n"}, "no query of Supabase is in the code"),
            ({"schema-sync.toml": "queries = 'off'\n"}, "queries are off"),
            ({"broken.py": "table(\n"}, "broken.py:1 cannot be read"),
            ({"schemas/broken.py": "class (\n"}, "schemas/broken.py:1 cannot be read"),
        ],
    )
    def test_and_why(self, tmp_path: Path, run: Run, schema: Database, files: dict[str, str], why: str) -> None:
        for path, text in {"app.py": CODE, **files}.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
        found = analysis(run, schema)
        assert listed(found) == (None, None, None)
        assert found["not_shown"] == [{"what": "tables, columns and functions that no code mentions", "why": why}]

    def test_functions_that_the_source_does_not_show(self, tmp_path: Path, run: Run, schema: Database) -> None:
        (tmp_path / "app.py").write_text(CODE)
        run("snapshot", "--source", schema.dsn, "--output", "saved.json")
        _, out, _ = run("analyze", "--source", "snapshot:saved.json")
        assert "Columns that no Python code mentions (4)" in out
        assert "Functions that no Python code mentions" not in out
