"""A project that differs from its database, for agents to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from agents import CODE

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

TABLES = """
create type mood as enum ('sad', 'ok');
create table people (
  id bigint generated always as identity primary key, name text not null default 'nobody', mood mood,
  token text default 'sk_live_51Habc', check (name <> 'hunter22x')
);
comment on table people is 'who we know';
create table pets (id int primary key, owner bigint not null references people);
create index on pets (owner);
alter table pets enable row level security;
create policy own on pets for select to public using (owner = 1);
create function age(born date) returns int language sql as $$ select 1 $$;
"""


@pytest.fixture
def source(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project that differs from its database, in the current directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/people.py").write_text(CODE)
    database.run(TABLES)
    return database.dsn
