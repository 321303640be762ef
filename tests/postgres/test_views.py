"""Which columns of views are never null, and whose comments they carry: what the server's tree of a query proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from direct import read_catalog
from schema_sync.model.catalog import QName

if TYPE_CHECKING:
    from conftest import Database
    from schema_sync.model.catalog import Catalog

BASES = """
    create schema elsewhere;
    create domain filled as text not null;
    create domain word as filled;
    create table people (
      id int primary key, name text not null, note text, tag word, boss int references people,
      checked text check (checked is not null)
    );
    comment on column people.name is 'what they are called';
    comment on column people.note is 'hearsay';
    create table pets (id int primary key, owner int not null references people, name text not null);
    create table elsewhere.places (id int not null, town text);
    comment on column elsewhere.places.id is 'a number';
    create view elsewhere.towns as select id, town from elsewhere.places;
    create table parted (day int not null, what text not null) partition by range (day);
    create table parted_one partition of parted for values from (0) to (9);
"""

# view → its query, and its columns that are never null
VIEWS: dict[str, tuple[str, set[str]]] = {
    "plain": ("select id, name, note, tag, checked from people", {"id", "name", "tag"}),
    "starred": ("select * from people", {"id", "name", "tag"}),
    "renamed": ("select id as key, name as \"na{me QUERY\", note as \":subquery\" from people", {"key", "na{me QUERY"}),
    "filtered": ("select distinct on (name) id, name from people where note > '' order by name limit 5", {"id", "name"}),
    "expressions": (
        "select id + 0 as sum, coalesce(note, '') as note, name || '' as joined, (select 1) as one, id::text as cast,"
        " row_number() over () as row, id from people",
        {"id"},
    ),
    "grouped": ("select name, count(*) as count, max(note) as most from people group by name", {"name"}),
    "grouped_by_key": ("select p.id, p.name, p.note, count(*) as count from people p group by p.id", {"id", "name"}),
    "grouped_inside": ("select g.name, g.n from (select name, count(*) as n from people group by name) g", {"name"}),
    "rolled_up": ("select name, id, count(*) as count from people group by rollup (name, id)", set()),
    "rolled_up_inside": ("select r.name, p.id from (select name from people group by cube (name)) r, people p", {"id"}),
    "united": ("select name from people union all select name from pets", set()),
    "united_inside": ("select u.name, p.id from (select name from people except select '') u, people p", {"id"}),
    "joined": ("select p.id, p.name, q.id as pet, q.name as called from people p join pets q on q.owner = p.id",
               {"id", "name", "pet", "called"}),
    "joined_using": ("select id, p.name, q.name as called from people p join pets q using (id)", {"id", "name", "called"}),
    "crossed": ("select p.id, q.name from people p, pets q", {"id", "name"}),
    "left_joined": ("select p.id, p.note, q.id as pet from people p left join pets q on q.owner = p.id", {"id"}),
    "right_joined": ("select p.id, q.id as pet from people p right join pets q on q.owner = p.id", {"pet"}),
    "full_joined": ("select p.id, q.id as pet from people p full join pets q on q.owner = p.id", set()),
    "nested_joins": (
        "select a.id as a, b.id as b, c.id as c, d.id as d from people a left join"
        " (people b join pets c on c.owner = b.id) on b.id = a.boss join pets d on d.owner = a.id",
        {"a", "d"},
    ),
    "left_of_subquery": (
        "select p.id, s.name, s.pet from people p left join lateral"
        " (select q.name, q.id as pet from pets q where q.owner = p.id) s on true",
        {"id"},
    ),
    "outer_join_inside": (
        "select s.id, s.pet from (select p.id, q.id as pet from people p left join pets q on q.owner = p.id) s", {"id"}
    ),
    "outer_join_in_a_condition": (
        "select id from people where exists (select 1 from pets a left join pets b on a.id = b.id)", {"id"}
    ),
    "lateral_reference": ("select s.id from people p, lateral (select p.id) s", set()),
    "common": ("with c as (select id, note from people), d as (select * from c) select d.id, d.note from d", {"id"}),
    "common_left": ("with c as (select id from people) select p.id, c.id as other from people p left join c on true",
                    {"id"}),
    "recursive": (
        "with recursive c as (select id, boss from people union all select p.id, c.boss from people p, c) select id from c",
        set(),
    ),
    "values_given": ("select v.a, p.id from (values (1)) v (a), people p", {"id"}),
    "called": ("select g.g, p.id from generate_series(1, 3) g, people p", {"id"}),
    "aliased_join": ("select j.name from (people p join (select 1 as one) o on true) as j", {"name"}),
    "of_a_view": ("select key, \"na{me QUERY\" as name, \":subquery\" as note from renamed", {"key", "name"}),
    "of_a_left_join": ("select id, pet from left_joined", {"id"}),
    "of_another_schema": ("select id, town from elsewhere.places", {"id"}),
    "of_a_view_elsewhere": ("select id, town from elsewhere.towns", {"id"}),
    "of_a_partition": ("select day, what from parted_one", {"day", "what"}),
    "of_the_system": ("select oid, relname, tableoid from pg_catalog.pg_class", set()),
    "whole_row": ("select p, p.ctid as place from people p", set()),
    "constants": ("select 1 as one, null::filled as nothing", set()),
    "sampled": ("select id from people tablesample system (50)", {"id"}),
    "set_returning": ("select id, unnest(array[1, 2]) as n from people", {"id"}),
}  # fmt: skip
SCHEMA = BASES + "".join(f"create view {name} as {query};\n" for name, (query, _) in VIEWS.items())


def never_null(catalog: Catalog, name: str) -> set[str]:
    relation = catalog.relations_by_name[QName(schema="public", name=name)]
    return {column.name for column in relation.columns if not column.nullable}


def test_what_a_query_proves(database: Database) -> None:
    database.run(SCHEMA)
    catalog = read_catalog(database.dsn, ("public",))
    assert {name: never_null(catalog, name) for name in VIEWS} == {
        name: columns for name, (_, columns) in VIEWS.items()
    }


def test_the_server_agrees(database: Database) -> None:
    """No column that is held to be never null is null in a row of its view."""
    database.run(
        SCHEMA
        + """
        insert into people values (1, 'Ann', null, 't', null, 'c'), (2, 'Bob', 'n', 't', 1, 'c'), (3, 'Cid', 'n', 't', 2, 'c');
        insert into pets values (1, 2, 'Rex'), (5, 2, 'Tom');
        insert into elsewhere.places values (1, null);
        insert into parted values (1, 'x');
        """
    )
    for name, (_, columns) in VIEWS.items():
        if name != "recursive":
            ((nulls,),) = database.run(
                f"select count(*) from {name} v where false"
                + "".join(f""" or v."{column}" is null""" for column in columns)
            )
            assert nulls == 0, name


def test_materialized_views_too(database: Database) -> None:
    database.run(BASES + "create materialized view kept as select id, name, note, 1 as one from people")
    assert never_null(read_catalog(database.dsn, ("public",)), "kept") == {"id", "name"}


def test_views_in_a_circle_are_read_and_prove_nothing(database: Database) -> None:
    database.run(
        BASES
        + "create view one as select id, name from people; create view two as select * from one;"
        + "create or replace view one as select id, name from two"
    )
    catalog = read_catalog(database.dsn, ("public",))
    assert never_null(catalog, "one") == never_null(catalog, "two") == set()


def test_a_renamed_column_keeps_its_origin(database: Database) -> None:
    database.run(
        BASES + "create view seen as select id, name from people; alter view seen rename column name to called"
    )
    assert never_null(read_catalog(database.dsn, ("public",)), "seen") == {"id", "called"}


def test_comments_come_from_the_base_column_unless_the_view_has_its_own(database: Database) -> None:
    database.run(
        SCHEMA
        + "comment on column plain.note is 'a rumour'; create view again as select name, note from plain;"
        + "comment on column renamed.key is 'own'"
    )
    catalog = read_catalog(database.dsn, ("public",))

    def comments(name: str) -> dict[str, str | None]:
        relation = catalog.relations_by_name[QName(schema="public", name=name)]
        return {c.name: c.comment for c in relation.columns if c.comment is not None}

    assert comments("plain") == {"name": "what they are called", "note": "a rumour"}
    assert comments("again") == {"name": "what they are called", "note": "a rumour"}
    assert comments("renamed") == {"key": "own", "na{me QUERY": "what they are called", ":subquery": "hearsay"}
    assert comments("of_a_view_elsewhere") == {"id": "a number"}
    assert comments("united") == {}
