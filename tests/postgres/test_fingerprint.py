"""The fingerprint moves with all that the catalog queries return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pgparse
import psycopg
import pytest

from schema_sync.postgres.catalog_queries import FINGERPRINT_QUERY, catalog_queries, sql_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conftest import Database

START = """
create schema other;
create domain positive as int check (value > 0);
create type mood as enum ('sad', 'happy');
create type pair as (a int, b text);
create function next_number() returns int language sql as 'select 1';
create function stamp() returns trigger language plpgsql as 'begin return new; end';
create table parent (id int primary key, code text);
create table other.elsewhere (id int primary key);
create table child (
  id int not null, parent_id int references parent, note text, mood mood default 'sad', amount numeric(8, 2), payload json,
  tags text[]
);
create table parted (id int not null) partition by range (id);
create table loose (id int not null);
create table part partition of parted for values from (0) to (10);
create view seen as select id, note from child;
create view joined as select c.id, p.code from child c join parent p on p.id = c.parent_id;
create materialized view kept as select id from child;
comment on table parent is 'Parents';
comment on column child.note is 'A note';
comment on type mood is 'Moods';
create trigger stamped before insert on child for each row execute function stamp();
"""
CHANGES = """
create table new_table (id int)
create table other.new_table (id int)
create schema new_schema
drop schema other cascade
alter schema other rename to another
drop table child cascade
alter table child rename to kid
alter table child set schema other
alter table child add column extra text
alter table child drop column note cascade
alter table child rename column note to remark
alter table child alter column amount type numeric(9, 2)
alter table child alter column amount type text
alter table child alter column parent_id set not null
alter table child alter column id drop not null
alter table child add constraint filled not null note not valid
alter table child alter column note set default 'x'
alter table child alter column mood drop default
alter table child alter column mood set default 'happy'
alter table child alter column payload set default 'null'
alter table child alter column id add generated always as identity
alter table child add column total numeric generated always as (amount * 2) stored
alter table child add primary key (id)
alter table child add unique (note)
alter table child add unique (note, id)
alter table child drop constraint child_parent_id_fkey
alter table child add foreign key (id) references other.elsewhere
alter table child drop constraint child_parent_id_fkey, add foreign key (parent_id) references parent on delete cascade
alter table child add constraint small check (amount < 10)
alter table parent rename constraint parent_pkey to parent_key
alter table other.elsewhere rename column id to number
create type new_mood as enum ('calm')
create domain short as text
create type extent as range (subtype = int)
alter type mood add value 'calm'
alter type mood add value 'calm' before 'sad'
alter type mood rename value 'sad' to 'blue'
alter type mood rename to feeling
alter type mood set schema other
alter type pair add attribute c text
alter type pair rename attribute a to first
alter domain positive set not null
alter domain positive set default 1
alter domain positive rename to above_zero
drop domain positive
create view new_view as select id from parent
create or replace view seen as select id, null::text as note from child
create or replace view seen as select id, note, amount from child
drop view seen
drop materialized view kept
create rule joined_insert as on insert to joined do instead nothing
create trigger joined_update instead of update on joined for each row execute function stamp()
alter table parted attach partition loose for values from (10) to (20)
alter table parted detach partition part
create table part_2 partition of parted for values from (10) to (20)
comment on table parent is 'Fathers and mothers'
comment on table child is 'Children'
comment on column child.note is null
comment on type mood is 'Feelings'
create extension citext
create extension citext schema other
create function new_function(a int) returns text language sql as 'select null::text'
create or replace function next_number() returns int language sql immutable as 'select 1'
create or replace function next_number() returns int language sql strict as 'select 1'
alter function next_number() rename to another_number
drop function next_number()
comment on function next_number() is 'Counts'
drop trigger stamped on child
alter table child disable trigger stamped
create unique index unique_note on child (note)
create cast (mood as json) with inout as assignment
create foreign data wrapper mute; create server far foreign data wrapper mute; create foreign table ft (id int) server far
"""
UNCONCERNED = """
insert into parent values (1, 'x')
analyze
grant select on parent to anon
create index on child (note)
create role nobody_at_all; drop role nobody_at_all
alter table parent enable row level security
vacuum (full, freeze) parent
reindex table parent
alter table child set (fillfactor = 70)
"""


@pytest.fixture
def session(database: Database) -> Iterator[psycopg.Connection]:
    database.run(START)
    with psycopg.connect(database.dsn, autocommit=True) as opened:
        yield opened


def fingerprint(session: psycopg.Connection) -> list[Any]:
    return session.execute(sql_text(FINGERPRINT_QUERY).encode()).fetchall()


def catalog(session: psycopg.Connection) -> list[Any]:
    queries = catalog_queries(("public", "other"), functions=True, names=True)
    return [sorted(map(repr, session.execute(text.encode()).fetchall())) for text in queries.values()]


def test_what_the_catalog_shows_moves_it(session: psycopg.Connection) -> None:
    before, seen = fingerprint(session), catalog(session)
    same: list[str] = []
    for change in CHANGES.strip().splitlines():
        with session.transaction(force_rollback=True):
            session.execute(change.encode())
            assert catalog(session) != seen, f"no query shows this: {change}"
            if fingerprint(session) == before:
                same.append(change)
    assert same == []
    assert fingerprint(session) == before


@pytest.mark.parametrize("change", UNCONCERNED.strip().splitlines())
def test_the_rest_does_not(session: psycopg.Connection, change: str) -> None:
    before = fingerprint(session)
    for statement in change.split(";"):
        session.execute(statement.encode())
    assert fingerprint(session) == before


def test_another_database_has_another(database: Database, session: psycopg.Connection) -> None:
    with psycopg.connect(database.dsn.replace(database.name, "postgres"), autocommit=True) as other:
        assert fingerprint(other) != fingerprint(session)


def test_it_holds_each_column_that_the_queries_read() -> None:
    queries = catalog_queries(("public",), functions=True, names=True)
    held = columns_read(sql_text(FINGERPRINT_QUERY))
    assert ("pg_class", "relname") in held
    assert {name: missing for name, text in queries.items() if (missing := columns_read(text) - held)} == {}


def columns_read(text: str) -> set[tuple[str, str]]:
    """Return the columns of system catalogs that an SQL text reads, by the catalog's name."""
    found: set[tuple[str, str]] = set()
    for statement in pgparse.parse(text):
        _walk(statement, {}, found)
    return found


def _walk(node: object, aliases: Mapping[str, str], found: set[tuple[str, str]]) -> None:
    if isinstance(node, list):
        for each in node:
            _walk(each, aliases, found)
        return
    if not isinstance(node, dict):
        return
    if "fromClause" in node:
        own = {}
        _tables(node["fromClause"], own)
        aliases = {**aliases, **own, "": next(iter(own.values()), "")}
    fields = [each["String"]["sval"] for each in node.get("fields", []) if "String" in each]
    if fields:
        relation = aliases.get("".join(fields[:-1]), "")
        if relation.startswith("pg_"):
            found.add((relation, fields[-1]))
    for each in node.values():
        _walk(each, aliases, found)


def _tables(node: object, found: dict[str, str]) -> None:
    """Collect the tables that a FROM clause names, without those of sub-selects, by their aliases."""
    if isinstance(node, list):
        for each in node:
            _tables(each, found)
    elif isinstance(node, dict):
        if "relname" in node:
            found[node.get("alias", {}).get("aliasname", node["relname"])] = node["relname"]
        elif "alias" in node:  # a sub-select or a function
            found[node["alias"]["aliasname"]] = ""
        else:
            for key in ("RangeVar", "JoinExpr", "RangeSubselect", "RangeFunction", "larg", "rarg"):
                _tables(node.get(key), found)
