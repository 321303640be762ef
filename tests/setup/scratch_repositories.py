"""Makes small repositories, each with another layout, as people have them before they know of this tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from initializing import write

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = """\
create type order_state as enum ('open', 'paid');
create table customers (id uuid primary key, email text not null);
create table orders (id uuid primary key, customer_id uuid not null references customers, state order_state not null,
  total numeric not null, note text);
"""
LATER = "alter table orders add paid_at timestamptz;\n"
CALLS = """\
from supabase import create_client

db = create_client("https://x.supabase.co", "key")


def open_orders():
    return db.table("orders").select("id, totl").eq("state", "open").execute().data
"""
ROWS = """\
from typing import Optional, TypedDict


class OrderRow(TypedDict):
    id: str
    customer_id: str
    state: str
    total: float
    note: Optional[str]
"""
MODELS = """\
from pydantic import BaseModel


class OrderCreate(BaseModel):
    customer_id: str
    total: float


class LoginForm(BaseModel):
    email: str
    password: str
"""
MODEL_ROWS = """\
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel


class OrderRow(BaseModel):
    id: UUID
    customer_id: UUID
    state: str
    total: Decimal
    note: str
"""
TABLES = """\
from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
"""
WRAPPER = """\
import httpx


def fetch(table, params):
    return httpx.get(f"https://x.supabase.co/rest/v1/{table}", params=params).json()


def of_customer(customer):
    fetch("customers", params={"id": f"eq.{customer}"})
    fetch("orders", params={"select": "id,total", "state": "eq.open"})
    return fetch("orders", params={"select": "id", "customer": f"eq.{customer}"})
"""
AGENT = """\
from enum import Enum
from typing import TypedDict


class Step(str, Enum):
    PLAN = "plan"
    ACT = "act"


class AgentState(TypedDict):
    step: Step
    answer: str


def start() -> AgentState:
    return {"step": Step.PLAN, "answer": ""}
"""
SHOP = """\
create type order_status as enum ('open', 'paid', 'shipped');
create table customers (id uuid primary key, email text not null, name text not null, phone text,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table orders (id uuid primary key, customer_id uuid not null references customers,
  status order_status not null default 'open', total numeric not null, currency text not null, note text,
  placed_at timestamptz, shipped_at timestamptz, created_at timestamptz not null default now(),
  updated_at timestamptz not null default now());
create table orders_archive (like orders);
create table order_items (id uuid primary key, order_id uuid not null references orders, sku text not null,
  quantity int not null, unit_price numeric not null, created_at timestamptz not null default now());
create view order_details as
  select o.id, o.status, o.total, c.email, c.name as customer_name from orders o join customers c on c.id = o.customer_id;
create table north (code text, area int, mayor text, founded date);
create table south (code text, area int, mayor text, founded date);
"""
SHOP_ORDERS = """\
from datetime import datetime
from decimal import Decimal
from typing import Optional
from uuid import UUID

from pydantic import BaseModel


class OrderBase(BaseModel):
    customer_id: UUID
    status: str
    total: Decimal
    currency: str
    note: Optional[str] = None


class OrderRead(OrderBase):
    id: UUID
    placed_at: Optional[datetime] = None
    items_count: int = 0


class Order(OrderBase):
    id: UUID
    placed_at: datetime
    shipped_at: Optional[datetime]
    created_at: int


class OrderSummaryDTO(BaseModel):
    id: UUID
    status: str
    total: int
    email: str
    customer_name: str


class CreateOrderRequest(BaseModel):
    customer_id: UUID
    total: Decimal
    currency: str
    note: str


class City(BaseModel):
    code: str
    area: int
    mayor: str
    founded: datetime
"""
SHOP_CUSTOMERS = """\
from dataclasses import dataclass
from typing import TypedDict


@dataclass
class Customer:
    id: str
    email: str
    name: str
    phone: str


class CustomerCard(TypedDict):
    id: str
    email: str
    name: str
    phone: str
    initials: str


class Settings(TypedDict):
    host: str
    port: int
    debug: bool
    name: str
    id: str
"""
SHOP_API = """\
from fastapi import FastAPI
from supabase import create_client

from app.models.orders import OrderRead

app = FastAPI()
db = create_client("https://x.supabase.co", "key")


@app.get("/orders")
def orders() -> list[OrderRead]:
    return [OrderRead(**row) for row in db.table("orders").select("*").execute().data]
"""
HISTORY = {"20260101000000_orders.sql": ORDERS, "20260201000000_paid.sql": LATER}
ALEMBIC = "revision = 'a1'\n\n\ndef upgrade():\n    pass\n"
SCHEMA_CALLS = CALLS.replace('db.table("orders")', 'db.schema("billing").table("invoices")').replace(
    'select("id, totl").eq("state", "open")', 'select("id, amount")'
)


def _history(folder: str) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in HISTORY.items()}


REPOSITORIES: dict[str, dict[str, str]] = {
    "monorepo": {
        **_history("services/orders/supabase/migrations"),
        **{f"services/mail/db/migrations/00{n}_m.sql": f"create table m{n} (id int);" for n in range(1, 5)},
        "services/orders/app/client.py": CALLS,
        "services/mail/app/main.py": "print('mail')\n",
    },
    "backend-folder": {
        **_history("backend/supabase/migrations"),
        "backend/supabase/migrations/20260301000000_billing.sql": "create schema billing;\n"
        "create table billing.invoices (id uuid primary key, amount numeric);\n",
        "backend/app/client.py": SCHEMA_CALLS,
        "backend/alembic/versions/a1.py": ALEMBIC,
        "backend/shop/migrations/0001_initial.py": "class Migration:\n    pass\n",
        "backend/shop/migrations/0001_initial.sql": "create table django (id int);\n",
        "web/node_modules/x/migrations/001_x.sql": "create table x (id int);\n",
        "backend/agent/state.py": AGENT,
    },
    "base-file-and-folder": {
        "backend/schema.sql": ORDERS,
        "backend/migrations/001_paid.sql": LATER,
        "backend/migrations/002_index.sql": "create index on orders (state);\n",
        "backend/app/client.py": CALLS,
    },
    "dump-beside-folder": {
        **_history("db/migrations"),
        "db/schema.sql": ORDERS + LATER,
        "app/client.py": CALLS,
    },
    "pydantic-only": {**_history("supabase/migrations"), "app/api/models.py": MODELS},
    "fastapi": {
        "supabase/migrations/20260101000000_shop.sql": SHOP,
        "app/models/orders.py": SHOP_ORDERS,
        "app/models/customers.py": SHOP_CUSTOMERS,
        "app/api/main.py": SHOP_API,
    },
    "pydantic-rows": {**_history("db/migrations"), "app/db/rows.py": MODEL_ROWS},
    "typeddict-only": {**_history("supabase/migrations"), "app/db/rows.py": ROWS},
    "sqlalchemy": {**_history("supabase/migrations"), "app/models.py": TABLES},
    "no-classes": {**_history("supabase/migrations"), "app/client.py": CALLS.replace(", totl", "")},
    "wrapper-client": {**_history("infra/db/migrations"), "app/rest.py": WRAPPER},
    "declarative-schemas": {"app/supabase/schemas/orders.sql": ORDERS, "app/client.py": CALLS},
    "migrations-that-fail": {"db/migrations/001_paid.sql": LATER, "app/client.py": CALLS},
    "nothing": {},
}


def make(root: Path, name: str) -> None:
    """Write the repository *name* into *root*."""
    write(root, REPOSITORIES[name])
