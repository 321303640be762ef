"""Literal values in queries, compared with the columns that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.compare.check_literals import LiteralChecks
from schema_sync.compare.literal_values import is_value_of
from schema_sync.compare.mentions import Mention
from schema_sync.nearest import nearest

if TYPE_CHECKING:
    from schema_sync.model.catalog import Catalog, Column, Relation, TypeRef
    from schema_sync.model.faults import Place
    from schema_sync.model.name_facts import NameFacts
    from schema_sync.model.queries import Scalar


class Values:
    """The values that the columns of a catalog can hold."""

    def __init__(self, catalog: Catalog, facts: NameFacts) -> None:
        self._catalog, self._facts = catalog, facts
        self._checks = LiteralChecks(catalog, wanted=True)

    def check(self, mention: Mention, relation: Relation, column: Column, value: Scalar, place: Place) -> None:
        """Note it if *column* cannot hold *value*. None is not judged here."""
        labels = self._labels(relation, column)
        if isinstance(value, str) and labels is not None:
            if value not in labels:
                near = nearest(value, labels)
                mention.report(
                    "no_label", relation, place, part=value, column=column.name, nearest=near, names=labels
                )
        elif not is_value_of(self._base(column), value):
            what = f"{value!r} is not a value of type {self._base(column).name.name}"
            mention.report("wrong_literal", relation, place, part=column.name, detail=what)

    def _labels(self, relation: Relation, column: Column) -> tuple[str, ...] | None:
        enum = None if column.type.dims else self._catalog.enums_by_name.get(self._base(column).name)
        if enum is not None:
            return enum.labels
        found = self._checks.of_column(relation.name, column)
        return found or (self._facts.values or {}).get(f"{relation.name}.{column.name}")

    def _base(self, column: Column) -> TypeRef:
        return self._catalog.over(column.type)[-1]
