"""A project's API in front of a test's database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import postgrest as double_of
from doubles.postgrest import Double, serving
from schema_sync.model.catalog import QName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Database

CASES = Path(__file__).parents[1] / "cases"
VARIABLES = ("SUPABASE_DB_URL", "DATABASE_URL", "SUPABASE_ACCESS_TOKEN", "SUPABASE_PROJECT_REF")


@pytest.fixture
def door(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A project's API in front of the test's database, and the environment that leads to it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with serving(Double(dsn=database.dsn)) as double:
        monkeypatch.setenv("SUPABASE_URL", double.url)
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", double_of.SERVICE_KEY)
        yield double


RICH = """
create type mood as enum ('sad', 'so so', 'happy'); comment on type mood is 'how one feels';
create type unused as enum ('a');
create domain email as text check (value ~ '@');
create domain whole as int not null;
create type address as (street text, born date);
create table people (
  id bigint generated always as identity primary key,
  name varchar(20) not null default 'x',
  mail email,
  age whole,
  mood mood not null default 'sad',
  moods mood[],
  home address,
  twice text generated always as (name || name) stored,
  size smallint not null,
  unique (name, age)
);
comment on table people is 'all of us';
comment on column people.id is E'first\\n\\nsecond';
create table pairs (
  left_id bigint references people, right_id bigint references people, primary key (left_id, right_id)
);
"""
PEOPLE = QName(schema="public", name="people")
