"""Each annotation is judged by itself, also where Python holds two of them to be equal."""

from __future__ import annotations

import pytest

from schema_sync.codebase.reader import read_sources
from schema_sync.compare.compare import compare
from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, QName, Relation, TypeRef
from schema_sync.model.options import Options, Paths, Reading

PATH = "schemas/entities.py"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_literals_of_numbers_are_no_literals_of_bool(order: tuple[int, int]) -> None:
    classes = [
        'class A(TypedDict):\n    """Table: public.flags"""\n    on: Literal[True, False]\n',
        'class B(TypedDict):\n    """Table: public.flags"""\n    on: Literal[1, 0]\n',
    ]
    text = "from typing import Literal, TypedDict\n" + "".join(classes[i] for i in order)
    flag = Column(name="on", rank=1, type=TypeRef(name=QName(schema="pg_catalog", name="bool")), nullable=False)
    table = Relation(name=QName(schema="public", name="flags"), kind="table", columns=(flag,))
    found = compare(
        Catalog(schemas=("public",), covers=ALL_FACETS, relations=(table,)),
        read_sources({PATH: text.encode()}),
        options=Options(
            schemas=("public",),
            paths=Paths(enums=PATH, entities=PATH, relationships=PATH, functions=PATH, aliases=PATH),
        ),
        lock=None,
        reading=Reading(kind="snapshot", describe="x"),
    )
    assert [(f.rule, f.declaration) for f in found.findings] == [("column-type-mismatch", "B")]
