"""The description of a project by PostgREST: what it shows, and what it hides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

import direct
from doubles import postgrest as double_of
from doubles.postgrest import Double
from schema_sync.errors import SourceError
from schema_sync.model.catalog import QName
from schema_sync.postgres.type_names import parse_type_name
from schema_sync.remote.openapi import build_catalog
from sources.postgrest_project import CASES, PEOPLE, RICH, door

if TYPE_CHECKING:
    from conftest import Database

__all__ = ["door"]  # fixture


class TestTheDescription:
    def test_columns_keys_and_comments(self, database: Database, door: Double) -> None:
        database.run(RICH)
        seen = build_catalog({"public": double_of.describe(database.dsn, "public")})
        full = direct.read_catalog(database.dsn, ["public"])
        assert [r.name for r in seen.relations] == [r.name for r in full.relations]
        for relation in seen.relations:
            known = full.relations_by_name[relation.name]
            assert [(c.name, c.rank, c.nullable, c.comment) for c in relation.columns] == [
                (c.name, c.rank, c.nullable, c.comment) for c in known.columns
            ]
            assert (relation.kind, relation.comment) == (known.kind, known.comment)
            primary = [set(c.columns) for c in known.constraints if c.kind == "primary"]
            assert [set(c.columns) for c in relation.constraints if c.kind == "primary"] == primary
            assert [
                (c.columns, c.references, c.referenced_columns)
                for c in relation.constraints
                if c.kind == "foreign"
            ] == [
                (c.columns, c.references, c.referenced_columns) for c in known.constraints if c.kind == "foreign"
            ]
        types = {c.name: c.type for c in seen.relations_by_name[PEOPLE].columns}
        assert {name: str(ref.name) for name, ref in types.items()} == {
            "id": "pg_catalog.int8",
            "name": "pg_catalog.varchar",
            "mail": "pg_catalog.text",
            "age": "pg_catalog.int4",
            "mood": "public.mood",
            "moods": "public.mood",
            "home": "public.address",
            "twice": "pg_catalog.text",
            "size": "pg_catalog.int2",
        }
        assert types["name"].modifier == "20"
        assert types["moods"].dims == 1
        assert [(e.name.name, e.labels) for e in seen.enums] == [("mood", ("sad", "so so", "happy"))]

    def test_views_are_told_from_tables(self, database: Database, door: Double) -> None:
        database.run(
            RICH
            + "create view simple as select id, name from people; create view grouped as select count(*) from people;"
            "create materialized view kept as select 1 as one; create table loose (a int); create view names as select name from people"
        )
        seen = build_catalog({"public": double_of.describe(database.dsn, "public")})
        kinds = {r.name.name: r.kind for r in seen.relations}
        assert kinds == {
            **dict.fromkeys(("simple", "grouped", "kept"), "view"),
            **dict.fromkeys(("people", "pairs", "loose"), "table"),
            "names": "table",  # it can be written, and shows no key: said in the report
        }

    @pytest.mark.parametrize("version", [12, 14, 16])
    def test_every_type_reads_as_through_a_connection(self, database: Database, version: int) -> None:
        database.run((CASES / "everything.sql").read_text())
        full = direct.read_catalog(database.dsn, ["public"])
        seen = build_catalog(
            {"public": double_of.describe(database.dsn, "public", role="postgres", version=version)}
        )
        assert [r.name for r in seen.relations] == [r.name for r in full.relations]
        for relation in seen.relations:
            for column, known in zip(relation.columns, full.relations_by_name[relation.name].columns, strict=True):
                ref, expected = column.type, known.type
                while not expected.dims and (domain := full.domains_by_name.get(expected.name)) is not None:
                    if ref.name == expected.name:
                        break
                    expected = domain.base
                if version == 16 and expected.name.name == "int2":
                    expected = replace(expected, name=QName(schema="pg_catalog", name="int4"))
                assert (ref.name, ref.dims) == (expected.name, expected.dims), (relation.name, column.name)
                assert ref.modifier in (None, expected.modifier), (relation.name, column.name)

    @pytest.mark.parametrize(
        "text",
        ["", "int", "varchar", "timestamptz", "public.", ".mood", "public.Mood", 'public."', "integer[][]",
         "public.mood; drop table x", "character varying(20", "no_such_type", 'a.b.c', "integer []", "???", "-"],
    )  # fmt: skip
    def test_what_postgresql_does_not_write_is_no_type(self, text: str) -> None:
        assert parse_type_name(text) is None

    @pytest.mark.parametrize(
        ("text", "name", "dims", "modifier"),
        [
            ("integer", "pg_catalog.int4", 0, None),
            ("int64", "pg_catalog.int8", 0, None),
            ("character varying(20)", "pg_catalog.varchar", 0, "20"),
            ("character varying[]", "pg_catalog.varchar", 1, None),
            ("numeric(12,-2)", "pg_catalog.numeric", 0, "12,-2"),
            ("timestamp(3) with time zone", "pg_catalog.timestamptz", 0, "3"),
            ("time without time zone", "pg_catalog.time", 0, None),
            ("interval day to second(3)", "pg_catalog.interval", 0, "day to second,3"),
            ("interval(3)", "pg_catalog.interval", 0, "3"),
            ('"char"', "pg_catalog.char", 0, None),
            ("uuid[]", "pg_catalog.uuid", 1, None),
            ("double precision", "pg_catalog.float8", 0, None),
            ('public."My "" Type"[]', 'public.My " Type', 1, None),
            ('"a.b"."c(d)"(Point,4326)', "a.b.c(d)", 0, "Point,4326"),
            ("information_schema.sql_identifier", "information_schema.sql_identifier", 0, None),
        ],
    )
    def test_type_names(self, text: str, name: str, dims: int, modifier: str | None) -> None:
        ref = parse_type_name(text)
        assert ref is not None
        assert (str(ref.name), ref.dims, ref.modifier) == (name, dims, modifier)

    def test_a_comment_that_looks_like_a_note(self, database: Database) -> None:
        database.run(
            "create table t (id int primary key, a text, b text);"
            "comment on column t.id is E'Note:\\nThis is a Primary Key.<pk/>';"
            "comment on column t.a is E'x\\n\\nNote:\\nThis is a Foreign Key to `nope.id`.<fk table=''nope'' column=''id''/>';"
            "comment on column t.b is E'Note:\\nmine'"
        )
        (table,) = build_catalog({"public": double_of.describe(database.dsn, "public", role="postgres")}).relations
        assert [c.kind for c in table.constraints] == ["primary"]
        assert [c.comment for c in table.columns] == ["Note:\nThis is a Primary Key.<pk/>", "x", "Note:\nmine"]

    def test_the_double_writes_what_postgrest_does(self, database: Database) -> None:
        """The golden files follow what PostgREST's own tests expect (test/spec/Feature/OpenApi)."""
        golden = json.loads((Path(__file__).parents[1] / "doubles/postgrest_golden.json").read_text())
        database.run(golden["database"])
        for version, key in ((14, "definitions"), (16, "definitions_16")):
            written = double_of.describe(database.dsn, "public", role="postgres", version=version)["definitions"]
            for name, definition in golden[key].items():
                assert written[name] == definition
                assert list(written[name]["properties"]) == list(definition["properties"])

    @pytest.mark.parametrize(
        "definitions",
        [
            [],
            {"t": []},
            {"t": {"properties": []}},
            {"t": {"properties": {"a": {"format": 3}}}},
            {"t": {"properties": {"a": {}}}},
        ],
    )
    def test_any_other_document_is_refused(self, definitions: Any) -> None:
        with pytest.raises(SourceError, match="not as PostgREST writes it"):
            build_catalog({"public": {"swagger": "2.0", "definitions": definitions}})
