"""Renamed tables, views, enum types and labels: classes follow in place, with all code that uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from changing import Project, new_project
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
create type order_status as enum ('open', 'paid', 'lost');
create table orders (id int primary key, total int not null, status order_status not null);
create table carts (id int primary key, order_id int not null);
"""
ENUMS = '''\
"""Enums of the shop."""

from enum import Enum


class OrderStatus(str, Enum):
    """How far an order is.

    Enum: public.order_status
    """

    OPEN = "open"  # not paid yet
    PAID = "paid"
    LOST = 'lost'  # never came

    @classmethod
    def done(cls) -> "list[OrderStatus]":
        return [cls.PAID, OrderStatus.LOST]
'''
ENTITIES = '''\
from typing import TypedDict


# what a customer bought
class OrderRow(TypedDict):
    """An order.

    Table: public.orders
    """

    id: int  # the number on the bill
    total: int
    status: str


class OrderInsert(TypedDict):
    """Table: public.orders"""

    id: int
    total: int
    status: str


class CartRow(TypedDict):
    """Table: public.carts"""

    id: int
    order_id: int


def total(rows: "list[OrderRow]") -> int:
    """Add up OrderRow objects."""
    return sum(row["total"] for row in rows)
'''
PACKAGE = """\
from schemas.database.entities import CartRow, OrderInsert, OrderRow
from schemas.enums import OrderStatus

__all__ = ["CartRow", "OrderInsert", "OrderRow", "OrderStatus"]
"""
APP = """\
from supabase import create_client

import schemas.database.entities as entities
from schemas import OrderRow as Row, OrderStatus
from schemas.database.entities import OrderInsert

db = create_client("url", "key")


def load() -> list[Row]:
    return db.table("orders").select("id, total").eq("status", "paid").execute().data


def add(order: OrderInsert) -> "entities.OrderRow":
    assert order["status"] != OrderStatus.LOST.value
    return db.table("orders").insert({"id": 1, "total": 2, "status": "open"}).execute().data[0]
"""
FAKE = "def create_client(url: str, key: str): ...\n"


@pytest.fixture(params=["migrations", "database"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    files = {
        "schemas/__init__.py": PACKAGE,
        "schemas/enums.py": ENUMS,
        "schemas/database/__init__.py": "",
        "schemas/database/entities.py": ENTITIES,
        "app/__init__.py": "",
        "app/main.py": APP,
        "fake/supabase.py": FAKE,
    }
    return new_project(request, tmp_path, files, SCHEMA)


def test_a_class_follows_its_table(shop: Project) -> None:
    shop.change("alter table orders rename to purchases; alter table purchases rename column total to amount;")
    assert shop.findings() == [
        "column-renamed purchases amount total",
        "column-renamed purchases amount total",
        "table-renamed purchases public.orders",
        "table-renamed purchases public.orders",
    ]
    shop.update("--rewrite-uses")
    new = ENTITIES.replace("OrderRow", "PurchaseRow").replace("OrderInsert", "PurchaseInsert")
    new = new.replace("public.orders", "public.purchases").replace("total: int", "amount: int")
    assert shop.read("schemas/database/entities.py") == new.replace("Add up PurchaseRow", "Add up OrderRow")
    assert shop.read("schemas/__init__.py") == PACKAGE.replace("OrderRow", "PurchaseRow").replace(
        "OrderInsert", "PurchaseInsert"
    )
    app = APP.replace("OrderRow", "PurchaseRow").replace("OrderInsert", "PurchaseInsert")
    app = app.replace('table("orders")', 'table("purchases")').replace('"id, total"', '"id, amount"')
    assert shop.read("app/main.py") == app.replace('"total": 2', '"amount": 2')


def test_a_member_follows_its_label(shop: Project) -> None:
    shop.change("alter type order_status rename value 'lost' to 'mis-sent';")
    assert shop.findings() == ["enum-label-renamed order_status mis-sent lost"]
    shop.update("--rewrite-uses")
    assert shop.read("schemas/enums.py") == ENUMS.replace("LOST = 'lost'", "MIS_SENT = 'mis-sent'").replace(
        "OrderStatus.LOST", "OrderStatus.MIS_SENT"
    )
    assert shop.read("app/main.py") == APP.replace("OrderStatus.LOST", "OrderStatus.MIS_SENT")


def test_a_label_in_queries_is_rewritten(shop: Project) -> None:
    shop.change("alter type order_status rename value 'paid' to 'settled';")
    shop.update("--rewrite-uses")
    assert shop.read("app/main.py") == APP.replace('eq("status", "paid")', 'eq("status", "settled")')


def test_a_class_follows_its_enum(shop: Project) -> None:
    shop.change("alter type order_status rename to sale_state;")
    assert shop.findings() == ["enum-renamed sale_state public.order_status"]
    shop.update()
    assert shop.read("schemas/enums.py") == ENUMS.replace("OrderStatus", "SaleState").replace(
        "order_status", "sale_state"
    )
    assert shop.read("app/main.py") == APP.replace("OrderStatus", "SaleState")


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (
            "alter table carts rename to baskets; alter table baskets rename to crates;",
            ["table-renamed crates public.carts"],
        ),
        (
            "alter table carts rename column order_id to sale; alter table carts rename to baskets;"
            " alter table baskets rename column sale to sale_id;",
            ["column-renamed baskets sale_id order_id", "table-renamed baskets public.carts"],
        ),
        ('alter table carts rename to "My Carts";', ["table-renamed My Carts public.carts"]),
        (
            "create schema sales; alter table carts set schema sales; alter table sales.carts rename to baskets;",
            ["table-renamed baskets public.carts"],
        ),
        (
            "alter table carts rename column order_id to x; alter table carts rename column id to order_id;"
            " alter table carts rename column x to id;",
            [],  # the columns exchanged their names
        ),
        (
            "alter table carts rename to baskets; create table carts (id int primary key, order_id int not null);",
            ["table-undeclared baskets"],  # the name is there: code means what has it
        ),
        (
            "alter table carts rename to baskets; drop table baskets;"
            " create table baskets (id int primary key, order_id int not null);",
            ["table-removed carts", "table-undeclared baskets"],
        ),
        (
            "alter table carts rename column order_id to x; alter table carts drop column x;"
            " alter table carts add column x int not null default 1;",
            ["column-removed carts order_id", "column-undeclared carts x"],
        ),
        (
            "alter type order_status rename value 'open' to 'x'; alter type order_status rename value 'x' to 'new';"
            " alter type order_status rename value 'paid' to 'open';",
            ["enum-label-removed order_status paid", "enum-label-undeclared order_status new"],
        ),
        (
            "drop table carts; create view carts as select 1 as id, 2 as order_id;",
            ["column-nullability-mismatch carts id", "column-nullability-mismatch carts order_id"],
        ),
    ],
)  # fmt: skip
@pytest.mark.thorough
def test_what_proves_a_rename(shop: Project, sql: str, found: list[str]) -> None:
    shop.write(
        "schema-sync.toml", shop.read("schema-sync.toml") + 'schemas = ["public", "sales"]\n' * ("sales" in sql)
    )
    shop.change(sql)
    assert shop.findings() == found


replayed = pytest.mark.parametrize("shop", ["migrations"], indirect=True)


@replayed
@pytest.mark.parametrize(
    ("app", "why"),
    [
        ("import schemas\n\nrow = getattr(schemas, 'OrderRow')\n", "app/main.py:3 may mean it"),
        (
            "class PurchaseRow: ...\n\n\nfrom schemas import OrderRow\n",
            "app/main.py:1 has the name PurchaseRow already",
        ),
        ("from schemas import OrderRow\nPATH = 'schemas.OrderRow'\n", "app/main.py:2 may mean it"),
    ],
)
@pytest.mark.thorough
def test_a_class_keeps_its_name_where_not_all_can_change(shop: Project, app: str, why: str) -> None:
    shop.write("app/main.py", app)
    shop.change("alter table orders rename to purchases;")
    _, _, said = shop.run("diff")
    assert f"OrderRow keeps its name: {why}" in said
    shop.update()
    rows = ENTITIES.replace("public.orders", "public.purchases").replace("OrderInsert", "PurchaseInsert")
    assert shop.read("schemas/database/entities.py") == rows
    assert shop.read("app/main.py") == app


@replayed
def test_a_file_that_cannot_be_read_keeps_names(shop: Project) -> None:
    shop.write("tools.py", "from schemas import OrderRow\nprint 'x'\n")
    shop.change("alter table orders rename to purchases;")
    assert "OrderRow keeps its name: tools.py may use it, and cannot be read" in shop.run("update")[2]
    assert "class OrderRow" in shop.read("schemas/database/entities.py")


@replayed
def test_a_class_that_the_configuration_binds_waits_for_a_person(shop: Project) -> None:
    code = ENTITIES.replace("    Table: public.orders\n", "").replace(
        '"""Table: public.orders"""', '"""Inserts."""'
    )
    shop.write("schemas/database/entities.py", code)
    bound = 'OrderRow = "public.orders"\nOrderInsert = "insert:public.orders"\n'
    shop.write("schema-sync.toml", f'source = "migrations"\n[bindings]\n{bound}')
    shop.change(
        "alter table orders rename to purchases; alter table purchases add column note text not null default '';"
    )
    said = shop.update(code=1)
    assert "Change it under [bindings] in the configuration: OrderRow = 'public.purchases'." in said
    assert shop.read("schemas/database/entities.py") == code.replace(
        "    status: str\n\n\nclass OrderInsert", "    status: str\n    note: str\n\n\nclass OrderInsert"
    )
    shop.run("update", "--prune")
    assert "class OrderRow" in shop.read("schemas/database/entities.py")
    shop.write("schema-sync.toml", shop.read("schema-sync.toml").replace("orders", "purchases"))
    assert shop.findings() == []
    shop.update(code=1)  # queries are for a person too
    assert '"renamed"' not in shop.read("schemas/schema_lock.json")


@replayed
def test_a_name_that_is_not_the_tables_stays(shop: Project) -> None:
    """The class gets a marker where nothing else would say what it is for."""
    code = ENTITIES.replace("OrderRow", "Sale").replace(
        "    Table: public.orders\n", "    Rows of the orders table.\n"
    )
    shop.write("schemas/__init__.py", PACKAGE.replace("OrderRow", "Sale"))
    shop.write("schemas/database/entities.py", code)
    shop.write("app/main.py", APP.replace("OrderRow", "Sale"))
    shop.update()
    shop.change("alter table orders rename to purchases;")
    shop.update(code=1)
    new = code.replace(
        "    Rows of the orders table.\n", "    Rows of the orders table.\n\n    Table: public.purchases\n"
    )
    new = new.replace("OrderInsert", "PurchaseInsert").replace("public.orders", "public.purchases")
    assert shop.read("schemas/database/entities.py") == new


@replayed
def test_an_api_model_keeps_its_name(shop: Project) -> None:
    model = (
        "from pydantic import BaseModel\n\n\nclass CartResponse(BaseModel):\n    id: int\n    order_id: int\n    owner: str\n"
        "    price: int\n"
    )
    shop.change("alter table carts add owner text not null default '', add price int not null default 1;")
    shop.write("schemas/api.py", model)
    shop.update()
    assert '"schemas/api.py:CartResponse": "public.carts"' in shop.read("schemas/schema_lock.json")
    shop.change("alter table carts rename to baskets; alter table baskets rename owner to person;")
    assert "table-renamed baskets public.carts" in shop.findings()
    shop.update()
    assert shop.read("schemas/api.py") == model.replace("owner", "person")


@replayed
@pytest.mark.thorough
def test_views_composites_and_aliases_follow(shop: Project) -> None:
    shop.change(
        "create view open_orders as select id from orders; create type money_amount as (units int, cents int);"
        " create table bills (id int primary key, amount money_amount not null);"
    )
    rows = (
        'from typing import Literal, Optional, TypedDict\n\nOrderStatus = Literal["open", "paid", "lost"]  # as in the app\n'
        '"""Enum: public.order_status"""\n\n\n'
        'class OpenOrderRow(TypedDict):\n    """View: public.open_orders"""\n\n    id: Optional[int]\n\n\n'
        '# Type: public.money_amount\nMoneyAmount = TypedDict("MoneyAmount", {"units": int, "cents": int})\n'
    )
    shop.write("schemas/enums.py", rows)
    shop.write("app/main.py", "from schemas.enums import MoneyAmount, OpenOrderRow\n")
    shop.update()
    first = shop.read("schemas/enums.py")
    shop.change(
        "alter view open_orders rename to pending_orders; alter type money_amount rename to price;"
        " alter type price rename attribute cents to pence; alter type order_status rename value 'lost' to 'gone';"
        " alter type order_status rename to sale_state;"
    )
    found = shop.findings()
    assert found == [
        "column-renamed price pence cents",
        "enum-label-renamed sale_state gone lost",
        "enum-renamed sale_state public.order_status",
        "table-renamed pending_orders public.open_orders",
        "table-renamed price public.money_amount",
    ]
    shop.update()
    new = first.replace("OpenOrderRow", "PendingOrderRow").replace("open_orders", "pending_orders")
    new = new.replace("OrderStatus", "SaleState").replace("order_status", "sale_state").replace("lost", "gone")
    new = new.replace("MoneyAmount", "Price").replace("money_amount", "price").replace("cents", "pence")
    assert shop.read("schemas/enums.py") == new


@replayed
@pytest.mark.thorough
def test_the_code_imports_while_names_change(shop: Project) -> None:
    """Files are replaced one after the other: each state in between is one that a kill can leave."""
    shop.change("alter table orders rename to purchases; alter type order_status rename to sale_state;")
    project = projects.open_project(shop.root)
    planned = updates.plan(project, checks.check(project))
    steps = [*planned.between.items(), *planned.code.items()]
    assert len(steps) == 8
    for path, content in steps:
        (shop.root / path).write_bytes(content)
        shop.run_program()
    assert "OrderRow" not in shop.read("app/main.py") + shop.read("schemas/__init__.py")
