"""Checks that name a column's values: ``kind in ('a', 'b')`` makes it a Literal.

The text of a check is what the server deparses (PostgreSQL manual, ``pg_get_expr``). It is read by a small exact
grammar; whatever is not of it states nothing here. A row passes a check that is null, so null stays possible.
"""

from __future__ import annotations

import re

from schema_sync.model.catalog import Catalog, Column, Constraint, Facet, QName, Relation, TypeRef

TEXTS = frozenset({"text", "varchar", "bpchar"})
_COLUMN = r'(?P<column>[a-z_][a-z0-9_]*|"(?:[^"]|"")+")'
_TYPE = r"(?:text|character varying|bpchar)"
_STRING = r"'(?:[^']|'')*'"
_VALUE = rf"(?:{_STRING}::{_TYPE}|\({_STRING}::{_TYPE}\)::text)"
_SIDE = rf"(?:{_COLUMN}|\({_COLUMN.replace('column', 'cast')}\)::text)"
_ARRAY = rf"ARRAY\[(?P<values>{_VALUE}(?:, {_VALUE})*)\]"
_CAST_ARRAY = rf"\({_ARRAY.replace('values', 'recast')}\)::text\[\]"
_CHECK = rf"\({_SIDE} = (?:(?P<value>{_VALUE})|ANY \((?:{_ARRAY}|{_CAST_ARRAY})\))\)"


class LiteralChecks:
    """The values that checks leave to the columns of a catalog; nothing unless *wanted*."""

    def __init__(self, catalog: Catalog, *, wanted: bool) -> None:
        self._catalog = catalog
        self.unknown = wanted and Facet.CHECKS not in catalog.covers
        self._wanted = wanted and not self.unknown
        self._found: dict[QName, dict[str, tuple[str, ...]]] = {}

    def unknown_for(self, ref: TypeRef) -> bool:
        """Whether a check might narrow a column of type *ref*, but the source does not tell."""
        return self.unknown and is_text(ref)

    def of_column(self, relation: QName, column: Column) -> tuple[str, ...] | None:
        """Return the values that *column* can hold, None where no check says."""
        if not self._wanted or not is_text(column.type):
            return None
        if relation not in self._found:
            owner = self._catalog.relations_by_name.get(relation)
            self._found[relation] = _of_relation(owner) if owner is not None else {}
        values = self._found[relation].get(column.name)
        if values is not None and column.type.name.name == "bpchar":
            values = _padded(values, column.type.modifier)
        return values or None


def is_text(ref: TypeRef) -> bool:
    """Whether *ref* is one of the types whose checks are read."""
    return not ref.dims and ref.name.schema == "pg_catalog" and ref.name.name in TEXTS


def _of_relation(relation: Relation) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if relation.kind not in {"table", "partitioned"}:
        return found  # a foreign table's checks are its server's promise, and nobody enforces them
    for check in relation.constraints:
        read = named_values(check)
        if read is not None:
            column, values = read
            found[column] = tuple(v for v in found.get(column, values) if v in values)
    return found


def named_values(check: Constraint) -> tuple[str, tuple[str, ...]] | None:
    """Return the column and the values that *check* allows it, None where it says anything else."""
    if check.kind != "check" or not check.binding or check.expression is None:
        return None
    match = re.fullmatch(_CHECK, check.expression)
    if match is None:
        return None
    column = match["column"] or match["cast"]
    listed = match["value"] or match["values"] or match["recast"]
    values = tuple(dict.fromkeys(literal[1:-1].replace("''", "'") for literal in re.findall(_STRING, listed)))
    return column[1:-1].replace('""', '"') if column[0] == '"' else column, values


def _padded(values: tuple[str, ...], length: str | None) -> tuple[str, ...] | None:
    """Return the values as char(*length*) holds them, filled up with blanks; without a length nobody knows."""
    if length is None:
        return None
    bare = dict.fromkeys(value.rstrip(" ") for value in values)
    return tuple(value.ljust(int(length)) for value in bare if len(value) <= int(length))
