"""Types of the database and their names, and what is read as a Python type."""

from __future__ import annotations

import pytest

from comparing import catalog, enum, pg, q, table
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.types import column_type, sql_name
from schema_sync.model.catalog import CompositeType, DomainType, TypeRef
from schema_sync.model.declarations import PyType


class TestTypes:
    def test_enums_domains_composites_and_extensions(self) -> None:
        schema = catalog(
            table("t"),
            enums=[enum("mood", "sad", "ok")],
            domains=(
                DomainType(name=q("d"), base=TypeRef(name=q("mood"))),
                DomainType(name=q("tags"), base=pg("text", 1)),
            ),
            composites=(CompositeType(name=q("address")),),
        )
        seen = {
            name: column_type(TypeRef(name=q(name)), schema)
            for name in ("mood", "d", "tags", "address", "t", "hstore", "vector", "citext")
        }
        assert {name: str(found.written) for name, found in seen.items()} == {
            "mood": "str",
            "d": "str",
            "tags": "list[str]",
            "address": "dict[str, Any]",
            "t": "dict[str, Any]",
            "hstore": "dict[str, str | None]",
            "vector": "str",
            "citext": "str",
        }
        assert seen["d"].values == PyType(name="Literal", literals=("sad", "ok"))

    @pytest.mark.parametrize(
        ("ref", "expected"),
        [
            (pg("int4"), "integer"),
            (pg("varchar", 0, "20"), "varchar(20)"),
            (pg("numeric", 1, "12,4"), "numeric(12,4)[]"),
            (TypeRef(name=q("mood")), "public.mood"),
        ],
    )
    def test_sql_names(self, ref: TypeRef, expected: str) -> None:
        assert sql_name(ref) == expected

    @pytest.mark.parametrize("text", ["1", "f()", "a +", "", "x[1:2]", "'str'", "lambda: 1"])
    def test_what_is_no_type(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no"):
            parse_type(text)
