"""Joins the rows of ``names.sql`` to facts on names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schema_sync.model.catalog import Catalog, QName
from schema_sync.model.name_facts import NameFacts, UniqueIndex
from schema_sync.postgres.scope import namespaces


def build_name_facts(rows: Mapping[str, Sequence[Sequence[Any]]], catalog: Catalog) -> NameFacts:
    """Return what *rows* tell beyond *catalog*, which is made of the same rows."""
    by_oid = {
        catalog.identity[str(r.name)].oid: r.name for r in catalog.relations if str(r.name) in catalog.identity
    }
    columns = {
        name: {number: column for column, number in catalog.identity[str(name)].attnums.items()}
        for name in by_oid.values()
    }
    schemas = namespaces(rows["namespaces"], catalog.schemas)
    filled: set[QName] = set()
    indexes: set[UniqueIndex] = set()
    others: set[QName] = set()
    for kind, oid, numbers, name in rows["names"]:
        relation = by_oid.get(oid)
        if kind == "function":
            others.add(QName(schema=schemas[oid], name=name))
        elif relation is not None and kind == "filled":
            filled.add(relation)
        elif relation is not None:
            indexes.add(UniqueIndex(relation=relation, columns=tuple(columns[relation][n] for n in numbers)))
    return NameFacts(
        functions=catalog.functions,
        other_functions=tuple(sorted(others)),
        filled=tuple(sorted(filled)),
        unique_indexes=tuple(sorted(indexes, key=lambda each: (each.relation, each.columns))),
    )
