"""Select lists judged by us and by postgrest-js's own types agree, but for what PostgREST itself does otherwise.

Where they differ, PostgREST's sources are on our side (``Plan.findRel``, ``SchemaCache.addM2MRels``):

- A relation that refers to itself by a unique key, or is embedded in itself with the name of a constraint as the
  hint, or that does not refer to itself at all, is not found by PostgREST; the types find it.
- A table whose foreign keys are not part of its primary key is no junction; to the types it is.
- Keys in both directions, or a key and a junction, are ambiguous; the types take the relation's own key.
- A table that is embedded twice needs an alias, as its SQL names it twice; the types join both.
- A key's name says which of several keys is meant, also in place of the table; the types refuse that.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from doubles.select_types import judged
from random_selects import schema, select
from schema_sync.compare.query_names import check_names
from schema_sync.model.name_facts import NO_FACTS
from schema_sync.model.queries import Query, Select, Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schema_sync.model.catalog import Catalog, Relation
    from schema_sync.model.faults import QueryFault

pytestmark = pytest.mark.thorough
SCHEMAS, LISTS = 20, 100
BY_KEY = re.compile(r"_fkey(!inner)?\(")
SPAN = Span(line=1, column=1, end_line=1, end_column=2)


def faults(catalog: Catalog, table: str, columns: str) -> tuple[QueryFault, ...]:
    part = Select(call="select", span=SPAN, columns=(Text(value=columns, span=SPAN),))
    query = Query(path="a.py", span=SPAN, verb="select", name=Text(value=table, span=SPAN), parts=(part,))
    return check_names([query], catalog, NO_FACTS).faults


def only_postgrest_refuses(fault: QueryFault, catalog: Catalog) -> bool:
    """Whether the types of postgrest-js may take what PostgREST does not."""
    relations = {relation.name.name: relation for relation in catalog.relations}
    owner = relations[fault.name]
    if fault.kind == "several_relationships":
        own = {key.name for key in owner.constraints}
        ways = [name in own for name in fault.names if name not in relations]
        return len(ways) < len(fault.names) or (any(ways) and not all(ways))
    if fault.kind == "no_relationship":
        to_itself = [key for key in owner.constraints if key.references == owner.name]
        names = {fault.name, *(name for key in to_itself for name in (key.name, *key.columns))}
        return fault.part in names or _joins(relations.values(), fault.name, fault.part)
    return False


def _joins(relations: Iterable[Relation], one: str, other: str) -> bool:
    """Whether some relation has foreign keys to both."""
    return any(
        {one, other} <= {key.references.name for key in each.constraints if key.references} for each in relations
    )


def test_verdicts_agree() -> None:
    rng = random.Random(20261129)
    asked: list[tuple[Catalog, list[tuple[str, str]]]] = []
    for _ in range(SCHEMAS):
        catalog = schema(rng)
        tables = [rng.choice(catalog.relations) for _ in range(LISTS)]
        asked.append((catalog, [(table.name.name, select(rng, catalog, table)) for table in tables]))
    right = wrong = 0
    for (catalog, queries), types in zip(asked, judged(asked), strict=True):
        for (table, columns), type_ in zip(queries, types, strict=True):
            found = faults(catalog, table, columns)
            if any("embedded twice" in fault.detail for fault in found):
                continue
            if type_:
                right += 1
                assert all(only_postgrest_refuses(fault, catalog) for fault in found), (table, columns, found)
            else:
                wrong += 1
                assert found or BY_KEY.search(columns), (table, columns, catalog)
    assert right > 800, "too few select lists are right: this test shows less than it says"
    assert wrong > 400, "too few select lists are wrong: this test shows less than it says"
