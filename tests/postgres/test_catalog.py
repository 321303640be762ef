"""The catalog of a real PostgreSQL, object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from catalogs import columns, read, relation

from direct import read_catalog
from schema_sync.errors import UsageError
from schema_sync.model.catalog import Constraint, Facet, TypeRef
from schema_sync.model.snapshot import fingerprint, portable
from schema_sync.postgres.builtin_types import BUILTIN_TYPES

if TYPE_CHECKING:
    from conftest import Database

from comparing import pg, q


class TestRelations:
    def test_every_kind(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create table plain (id int);
            create table parted (id int, d date) partition by range (d);
            create table parted_2024 partition of parted for values from ('2024-01-01') to ('2025-01-01');
            create view seen as select id from plain;
            create materialized view kept as select id from plain;
            create extension postgres_fdw;
            create server loop foreign data wrapper postgres_fdw;
            create foreign table far (id int not null) server loop;
            create table child (extra int) inherits (plain);
            create sequence no_relation;
            create index no_relation_either on plain (id);
            """,
        )
        assert {r.name.name: r.kind for r in catalog.relations} == {
            "plain": "table",
            "parted": "partitioned",
            "seen": "view",
            "kept": "materialized_view",
            "far": "foreign",
            "child": "table",
        }
        assert [r.name.name for r in catalog.relations] == sorted(r.name.name for r in catalog.relations)
        assert list(columns(catalog, "child")) == ["id", "extra"]
        assert {r.name.name for r in catalog.relations if r.is_view} == {"seen", "kept"}

    def test_what_takes_writes(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create table plain (id int generated always as identity, a text not null);
            create view simple as select id, a, id * 2 as double from plain;
            create view over_view as select a, double from simple;
            create view counted as select count(*) as n from plain;
            create view caught as select count(*) as n from plain;
            create function f() returns trigger language plpgsql as 'begin return new; end';
            create trigger f instead of insert on caught for each row execute function f();
            create view mixed as select a, id * 2 as double from plain;
            create trigger f instead of update on mixed for each row execute function f();
            create view ruled as select 1 as one;
            create rule r as on update to ruled do instead nothing;
            create materialized view kept as select a from plain;
            create extension postgres_fdw;
            create server yes foreign data wrapper postgres_fdw;
            create server no foreign data wrapper postgres_fdw options (updatable 'false');
            create foreign table far (a int) server yes;
            create foreign table far_read (a int) server no;
            create foreign data wrapper mute;
            create server mute foreign data wrapper mute;
            create foreign table unknowable (a int) server mute;
            create view over_unknowable as select a from unknowable;
            create view over_that as select a from over_unknowable;
            """,
        )
        takes = {r.name.name: (r.insertable, r.updatable) for r in catalog.relations}
        both = {"plain", "simple", "over_view", "mixed", "far"}
        assert takes == {
            **{name: (name in both, name in both) for name in takes},
            "caught": (True, False),
            "ruled": (False, True),
        }
        refused = [(n, c.name) for n in takes for c in columns(catalog, n).values() if not c.insertable]
        assert refused == [("mixed", "double"), ("over_view", "double"), ("simple", "double")]
        refused = [(n, c.name) for n in takes for c in columns(catalog, n).values() if not c.updatable]
        assert refused == [("over_view", "double"), ("simple", "double")]
        assert Facet.WRITABILITY in catalog.covers

    def test_what_views_take_is_no_part_of_the_hash(self, database: Database) -> None:
        sql = "create table t (a int); create view v as select a from t"
        before = read(database, sql)
        after = read(database, "create or replace view v as select a from t limit 1")
        assert before != after
        assert fingerprint(before) == fingerprint(after)

    def test_ranks_have_no_gaps_where_columns_were_dropped(self, database: Database) -> None:
        catalog = read(database, "create table t (a int, b int, c int); alter table t drop column b")
        assert [(c.name, c.rank) for c in relation(catalog, "t").columns] == [("a", 1), ("c", 2)]
        assert catalog.identity["public.t"].attnums == {"a": 1, "c": 3}

    def test_a_table_without_columns(self, database: Database) -> None:
        assert relation(read(database, "create table bare ()"), "bare").columns == ()

    def test_what_an_extension_owns_stays_out(self, database: Database) -> None:
        before = read_catalog(database.dsn, ("public",))
        catalog = read(database, "create extension citext schema public; create extension hstore schema public")
        assert portable(catalog) == portable(before)

    def test_schemas_are_read_only_by_name(self, database: Database) -> None:
        sql = "create schema other; create table other.t (id int); create table t (id int)"
        assert [str(r.name) for r in read(database, sql).relations] == ["public.t"]
        both = read_catalog(database.dsn, ("public", "other"))
        assert [str(r.name) for r in both.relations] == ["other.t", "public.t"]
        assert both.schemas == ("other", "public")
        assert "auth.users" in [str(r.name) for r in read_catalog(database.dsn, ("auth",)).relations]

    def test_an_unknown_schema(self, database: Database) -> None:
        with pytest.raises(UsageError, match="schema 'nope' does not exist") as caught:
            read_catalog(database.dsn, ("public", "nope"))
        assert "public" in caught.value.hint
        assert "pg_catalog" not in caught.value.hint

    def test_hostile_names(self, database: Database) -> None:
        name = "o'r\"d\\e\nr; drop table x --"
        quoted = name.replace('"', '""')
        catalog = read(
            database, f'create schema "{quoted}"; create table "{quoted}"."{quoted}" ("{quoted}" int)', name
        )
        (found,) = catalog.relations
        assert (found.name, found.columns[0].name) == (q(name, name), name)


class TestColumns:
    def test_types_dimensions_and_modifiers(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create type mood as enum ('sad', 'ok');
            create table t (
              a integer, b int4, c varchar(20), d char(5), e numeric(12,4), f numeric(3,-2), g timestamptz(3),
              h text[], i integer[][], j bit(4), k interval day to second(3), l interval hour, m "char", n mood[],
              p oidvector, q time(0), r varchar
            );
            """,
        )
        assert {name: column.type for name, column in columns(catalog, "t").items()} == {
            "a": pg("int4"),
            "b": pg("int4"),
            "c": pg("varchar", 0, "20"),
            "d": pg("bpchar", 0, "5"),
            "e": pg("numeric", 0, "12,4"),
            "f": pg("numeric", 0, "3,-2"),
            "g": pg("timestamptz", 0, "3"),
            "h": pg("text", 1),
            "i": pg("int4", 1),
            "j": pg("bit", 0, "4"),
            "k": pg("interval", 0, "day to second,3"),
            "l": pg("interval", 0, "hour"),
            "m": pg("char"),
            "n": TypeRef(name=q("mood"), dims=1),
            "p": pg("oidvector"),
            "q": pg("time", 0, "0"),
            "r": pg("varchar"),
        }

    def test_the_modifiers_are_those_that_format_type_prints(self, database: Database) -> None:
        fields = [
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "year to month",
            "day to hour",
            "day to minute",
        ]
        fields += ["day to second", "hour to minute", "hour to second", "minute to second"]
        database.run(f"create table t ({', '.join(f'c{i} interval {field}' for i, field in enumerate(fields))})")
        found = [c.type.modifier for c in relation(read_catalog(database.dsn, ("public",)), "t").columns]
        assert found == fields

    def test_nullability_considers_domains(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create domain filled as text not null; create domain deep as filled; create domain loose as text;
            create table t (a int, b int not null, c filled, d deep, e loose, f loose not null, g deep[]);
            create view v as select * from t;
            """,
        )
        assert [c.name for c in relation(catalog, "t").columns if not c.nullable] == ["b", "c", "d", "f"]
        assert [c.name for c in relation(catalog, "v").columns if not c.nullable] == ["b", "c", "d", "f"]
        assert [(d.name.name, d.base.name.name, d.not_null) for d in catalog.domains] == [
            ("deep", "filled", False),
            ("filled", "text", True),
            ("loose", "text", False),
        ]

    def test_defaults_identity_and_generated(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create type mood as enum ('ok');
            create function f() returns text language sql as $$ select 'x' $$;
            create table t (
              a int generated always as identity, b int generated by default as identity, c serial,
              d text default f(), e text, g text generated always as (upper(e)) stored, h mood default 'ok'
            );
            """,
        )
        found = columns(catalog, "t")
        assert [(c.identity, c.generated, c.has_default, c.default) for c in found.values()] == [
            ("always", None, False, None),
            ("by_default", None, False, None),
            (None, None, True, "nextval('public.t_c_seq'::regclass)"),
            (None, None, True, "public.f()"),
            (None, None, False, None),
            (None, "stored", True, "upper(e)"),
            (None, None, True, "'ok'::public.mood"),
        ]

    def test_comments(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create type mood as enum ('ok'); create domain d as text; create type c as (x int);
            create table t (a int, b int);
            comment on table t is 'of the table'; comment on column t.b is 'of b'; comment on type mood is 'of mood';
            comment on domain d is 'of d'; comment on type c is 'of c'; comment on column c.x is 'of x';
            """,
        )
        assert relation(catalog, "t").comment == "of the table"
        assert [c.comment for c in relation(catalog, "t").columns] == [None, "of b"]
        assert (catalog.enums[0].comment, catalog.domains[0].comment) == ("of mood", "of d")
        assert (catalog.composites[0].comment, catalog.composites[0].attributes[0].comment) == ("of c", "of x")


class TestTypes:
    def test_labels_stand_in_sort_order(self, database: Database) -> None:
        sql = "create type mood as enum ('b', 'c'); alter type mood add value 'a' before 'b'"
        database.run("create type none as enum ()")
        for statement in sql.split("; "):
            database.run(statement)
        catalog = read_catalog(database.dsn, ("public",))
        assert {e.name.name: e.labels for e in catalog.enums} == {"mood": ("a", "b", "c"), "none": ()}

    def test_types_elsewhere_are_there_if_a_column_needs_them_and_are_marked(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create schema other;
            create type other.used as enum ('a'); create type other.unused as enum ('b');
            create domain other.wrapped as other.used; create type other.pair as (x other.used);
            create table t (a other.wrapped, b other.pair[]);
            """,
        )
        assert [(str(e.name), e.external) for e in catalog.enums] == [("other.used", True)]
        assert [(str(d.name), d.external) for d in catalog.domains] == [("other.wrapped", True)]
        assert [(str(c.name), c.external) for c in catalog.composites] == [("other.pair", True)]

    def test_composites(self, database: Database) -> None:
        catalog = read(
            database, "create type address as (street text, zip int); create table t (a address, b address[])"
        )
        (address,) = catalog.composites
        assert [(a.name, a.type, a.nullable) for a in address.attributes] == [
            ("street", pg("text"), True),
            ("zip", pg("int4"), True),
        ]
        assert [c.type for c in relation(catalog, "t").columns] == [
            TypeRef(name=q("address")),
            TypeRef(name=q("address"), dims=1),
        ]

    def test_the_known_oids_are_those_of_the_server(self, database: Database) -> None:
        rows = database.run("select oid::int8, typname::text, typarray::int8 from pg_type where oid < 10000")
        server = {oid: (name, array) for oid, name, array in rows}
        known = BUILTIN_TYPES
        for oid, (name, dims) in known.items():
            if not dims:
                assert server[oid][0] == name
                assert server[oid][1] == 0 or known[server[oid][1]] == (name, 1)

    def test_no_column_of_the_system_has_an_unknown_type(self, database: Database) -> None:
        catalog = read_catalog(database.dsn, ("pg_catalog", "information_schema"))
        unknown = {
            f"{r.name}.{c.name}" for r in catalog.relations for c in r.columns if c.type.name.name == "unknown"
        }
        rows = database.run(
            "select attrelid::regclass::text, attname::text from pg_attribute where atttypid = 'anyarray'::regtype"
        )
        assert unknown == {f"pg_catalog.{relation_name}.{column}" for relation_name, column in rows}


class TestConstraints:
    def test_all_kinds(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create schema other; create table other.far (x int, y int, primary key (y, x));
            create table near (id int primary key);
            create function ok(int) returns bool language sql immutable as $$ select true $$;
            create table t (
              a int, b int, c int, n int references near on delete cascade on update set default,
              constraint pk primary key (b, a),
              constraint uq unique (c),
              constraint fk foreign key (b, a) references other.far (y, x),
              constraint ck check (ok(c) and a > 0)
            );
            """,
        )
        assert set(relation(catalog, "t").constraints) == {
            Constraint(kind="primary", name="pk", columns=("b", "a")),
            Constraint(kind="unique", name="uq", columns=("c",)),
            Constraint(
                kind="foreign",
                name="fk",
                columns=("b", "a"),
                references=q("far", "other"),
                referenced_columns=("y", "x"),
                on_delete="no action",
                on_update="no action",
            ),
            Constraint(
                kind="foreign",
                name="t_n_fkey",
                columns=("n",),
                references=q("near"),
                referenced_columns=("id",),
                on_delete="cascade",
                on_update="set default",
            ),
            Constraint(kind="check", name="ck", columns=("a", "c"), expression="(public.ok(c) AND (a > 0))"),
        }

    def test_partitions_repeat_no_key(self, database: Database) -> None:
        catalog = read(
            database,
            """
            create table p (id int primary key) partition by range (id);
            create table p1 partition of p for values from (0) to (9);
            create table t (p int references p);
            """,
        )
        assert [c.kind for c in relation(catalog, "t").constraints] == ["foreign"]
        assert [c.kind for c in relation(catalog, "p").constraints] == ["primary"]
