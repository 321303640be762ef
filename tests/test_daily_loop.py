"""The daily loop in a project like those of FastAPI: the database changes, `update` follows, nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from changing import Project, new_project

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
create type order_status as enum ('open', 'paid', 'lost');
create type legacy_kind as enum ('a', 'b');
create table customers (id uuid primary key, email text not null, legacy_code text);
create table orders (
  id bigint primary key, customer_id uuid not null references customers, total numeric not null,
  status order_status not null default 'open', note text, created_at timestamptz not null default now()
);
"""
ENUMS = '''\
"""Enums of the shop, as PostgreSQL has them."""

from enum import Enum

TERMINAL = ("paid", "lost")   # aligned by hand


class OrderStatus(str, Enum):
    """How far an order is.

    Enum: public.order_status
    """

    # --- while it can change
    OPEN = "open"  # not paid yet
    # --- when it cannot
    PAID = "paid"
    LOST = 'lost'  # never came

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens."""
        return self in (OrderStatus.PAID, OrderStatus.LOST)


class LegacyKind(str, Enum):
    """Enum: public.legacy_kind"""

    A = "a"
    B = "b"
'''
ROWS = '''\
"""Rows of the shop."""

from typing import Any, Optional, TypedDict

Json = dict[str, Any]


class CustomerRow(TypedDict):
    """Whoever bought something.

    Table: public.customers
    """

    id: str
    email: str  # lower case, see signup()
    legacy_code: Optional[str]


# What a customer bought.
class OrderRow(TypedDict):
    """An order.

    Table: public.orders
    """

    id: int  # the number on the bill
    customer_id: str
    total:  float
    status: str

    # free text
    note: Optional[str]
    created_at: str


def key(row: "OrderRow") -> tuple[str, int]:
    """Return what an order is sorted by."""
    return (row["customer_id"], row["id"])
'''
MODELS = '''\
"""What the API takes and gives."""

from typing import Optional

from pydantic import BaseModel, Field, field_validator

from schemas.enums import OrderStatus


class OrderCreate(BaseModel):
    """An order to be made."""

    customer_id: str
    total: float = Field(gt=0, description="with taxes")
    note: Optional[str] = None
    status: OrderStatus = OrderStatus.OPEN

    @field_validator("total")
    @classmethod
    def rounded(cls, value: float) -> float:
        return round(value, 2)


class OrderResponse(BaseModel):
    id: int
    customer_id: str
    total: float
    status: OrderStatus
    note: Optional[str]
    label: str = ""  # computed, no column

    def title(self) -> str:
        """Return the heading of a page."""
        return f"{self.id}: {self.status.value}"
'''
QUERIES = '''\
"""What the API asks of Supabase."""

from supabase import create_client

from api.models import OrderCreate, OrderResponse
from schemas.database.entities import CustomerRow, OrderRow
from schemas.enums import OrderStatus

db = create_client("url", "key")


def read_orders(customer: str) -> list[OrderRow]:
    return db.table("orders").select("id, total, status").eq("customer_id", customer).execute().data


def open_orders() -> list[OrderRow]:
    return db.table("orders").select("*").eq("status", OrderStatus.OPEN.value).neq("status", "lost").execute().data


def create_order(order: OrderCreate) -> OrderResponse:
    made = db.table("orders").insert({"id": 1, "customer_id": order.customer_id, "total": order.total}).execute()
    return OrderResponse(**made.data[0])


def read_customer(email: str) -> CustomerRow:
    return db.table("customers").select("id, email").eq("email", email).execute().data[0]
'''
FILES = {
    "schemas/__init__.py": "",
    "schemas/enums.py": ENUMS,
    "schemas/database/__init__.py": "",
    "schemas/database/entities.py": ROWS,
    "api/__init__.py": "",
    "api/models.py": MODELS,
    "app/__init__.py": "",
    "app/main.py": QUERIES,
    "fake/supabase.py": "from typing import Any\n\n\ndef create_client(url: str, key: str) -> Any: ...\n",
}
Changes = dict[str, list[tuple[str, str]]]
ROWS_FILE, ENUMS_FILE, MODELS_FILE, APP_FILE = (
    "schemas/database/entities.py",
    "schemas/enums.py",
    "api/models.py",
    "app/main.py",
)
LOOP: dict[str, tuple[str, Changes, Changes]] = {
    "a column is added": (
        "alter table orders add column paid_at timestamptz",
        {ROWS_FILE: [("    created_at: str\n", "    created_at: str\n    paid_at: Optional[str]\n")]},
        {},
    ),
    "a column is dropped": (
        "alter table customers drop column legacy_code",
        {},
        {ROWS_FILE: [("    legacy_code: Optional[str]\n", "")]},
    ),
    "a column is renamed": (
        "alter table orders rename column total to amount",
        {
            ROWS_FILE: [("    total:  float\n", "    amount:  float\n")],
            MODELS_FILE: [
                ('description="with taxes")', 'description="with taxes", alias="amount")'),
                ("    total: float\n    status", "    amount: float\n    status"),
            ],
            APP_FILE: [('"id, total, status"', '"id, amount, status"'), ('"total": order.total', '"amount": order.total')],
        },
        {},
    ),
    "a table is renamed": (
        "alter table orders rename to purchases",
        {
            ROWS_FILE: [("OrderRow", "PurchaseRow"), ("public.orders", "public.purchases")],
            APP_FILE: [("OrderRow", "PurchaseRow"), ('table("orders")', 'table("purchases")')],
        },
        {},
    ),
    "a column has another type": (
        "alter table orders alter column total type text",
        {
            ROWS_FILE: [("    total:  float\n", "    total:  str\n")],
            MODELS_FILE: [("    total: float\n    status", "    total: str\n    status")],
        },
        {},
    ),
    "a column can be null": (
        "alter table customers alter column email drop not null",
        {ROWS_FILE: [("    email: str  #", "    email: Optional[str]  #")]},
        {},
    ),
    "a label is added": (
        "alter type order_status add value 'sent' before 'lost'",
        {ENUMS_FILE: [('    PAID = "paid"\n', '    PAID = "paid"\n    SENT = \'sent\'\n')]},
        {},
    ),
    "a label is renamed": (
        "alter type order_status rename value 'lost' to 'returned'",
        {
            ENUMS_FILE: [("    LOST = 'lost'", "    RETURNED = 'returned'"), ("OrderStatus.LOST", "OrderStatus.RETURNED")],
            APP_FILE: [('neq("status", "lost")', 'neq("status", "returned")')],
        },
        {},
    ),
    "an enum is dropped": (
        "drop type legacy_kind",
        {},
        {ENUMS_FILE: [('\n\nclass LegacyKind(str, Enum):\n    """Enum: public.legacy_kind"""\n\n    A = "a"\n    B = "b"\n', "")]},
    ),
}  # fmt: skip


@pytest.fixture(params=["migrations", "database"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    found = new_project(request, tmp_path, FILES, SCHEMA)
    include = 'include = ["schemas/**/*.py", "api/**/*.py"]\n'
    found.write("schema-sync.toml", found.read("schema-sync.toml") + include)
    assert found.run("update")[0] == 0
    return found


def changed(files: dict[str, str], changes: Changes) -> dict[str, str]:
    """Return *files* with texts replaced, each of which has to be there."""
    found = dict(files)
    for path, pairs in changes.items():
        for old, new in pairs:
            assert old in found[path], (path, old)
            found[path] = found[path].replace(old, new)
    return found


@pytest.mark.parametrize("change", LOOP)
@pytest.mark.thorough
def test_an_update_follows_and_loses_nothing(shop: Project, change: str) -> None:
    sql, written, pruned = LOOP[change]
    shop.change(f"{sql};")
    assert shop.run("check")[0] == 1
    expected = changed(FILES, written)
    shop.update("--rewrite-uses", code=1 if pruned else 0)
    assert {path: shop.read(path) for path in FILES} == expected
    if pruned:
        shop.update("--prune")
        assert {path: shop.read(path) for path in FILES} == changed(expected, pruned)
    assert shop.run("check")[0] == 0
    assert shop.findings() == []
