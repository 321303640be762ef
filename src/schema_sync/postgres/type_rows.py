"""Joins the raw rows of the catalog queries to types.

Authority for columns and codes: PostgreSQL manual, chapter "System Catalogs".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from schema_sync.model.catalog import QName, TypeRef
from schema_sync.postgres.builtin_types import BUILTIN_TYPES, PSEUDO_TYPES
from schema_sync.postgres.functions import RECORD
from schema_sync.postgres.type_modifiers import modifier_text

_UNKNOWN_TYPE = TypeRef(name=QName(schema="pg_catalog", name="unknown"))
_JSON = frozenset({114, 3802})


class TypeRows:
    """The types of one read, by their oids.

    Attributes:
        rows: the rows of ``types.sql`` by oid.
        by_name: the same by qualified name.
        used: each type that columns have, and whether a domain on the way to its base type refuses null, by oid
            and type modifier.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[Any]],
        relations: Sequence[Sequence[Any]],
        names: Mapping[int, QName],
        namespaces: Mapping[int, str],
    ) -> None:
        self.rows = {row[0]: row for row in rows}
        self._names = {row[0]: QName(schema=namespaces[row[1]], name=row[2]) for row in rows}
        self.by_name = {self._names[row[0]]: row for row in rows}
        self.used: dict[tuple[int, int], tuple[TypeRef, bool]] = {}
        self._relations = relations
        self._relation_names = names

    def ref(self, oid: int, typmod: int) -> TypeRef:
        """Return the type."""
        name, dims = self._refs.get(oid) or self._row_types.get(oid) or (None, 0)
        if name is None:
            return _UNKNOWN_TYPE
        return TypeRef(name=name, dims=dims, modifier=modifier_text(name.name, typmod))

    def use(self, oid: int, typmod: int) -> tuple[TypeRef, bool]:
        """Return the type of a column, and whether a domain on the way to its base type refuses null."""
        found = self.used.get((oid, typmod))
        if found is None:
            found = self.used[oid, typmod] = self.ref(oid, typmod), self.refuses_null(oid)
        return found

    def refuses_null(self, oid: int) -> bool:
        """Return whether a domain on the way to the base type refuses null."""
        row = self.rows.get(oid)
        while row is not None and row[3] == "d":
            if row[7]:
                return True
            row = self.rows.get(row[5])
        return False

    def may_be_json(self, oid: int) -> bool:
        """Return whether the type is json or jsonb, or a domain, which may be over them."""
        row = self.rows.get(oid)
        return oid in _JSON or (row is not None and row[3] == "d")

    def of_argument(self, oid: int, schemas: Sequence[str]) -> TypeRef:
        """Return the type of a function's argument or result.

        Functions bring no types into the catalog: outside *schemas* a domain is its base type, and a composite
        type a record.
        """
        if (pseudo := PSEUDO_TYPES.get(oid)) is not None:
            return TypeRef(name=QName(schema="pg_catalog", name=pseudo))
        ref, dims = self.ref(oid, -1), 0
        while (row := self.by_name.get(ref.name)) is not None and row[3] in "cd":
            if ref.name.schema in schemas:
                break
            dims = dims or ref.dims
            ref = RECORD if row[3] == "c" else self.ref(row[5], -1)
        return TypeRef(name=ref.name, dims=dims) if dims else ref

    @cached_property
    def _refs(self) -> dict[int, tuple[QName, int]]:
        found = {oid: (QName(schema="pg_catalog", name=name), dims) for oid, (name, dims) in BUILTIN_TYPES.items()}
        for oid, row in self.rows.items():
            found[oid] = (self._names[oid], 0)
            if row[4]:
                found[row[4]] = (self._names[oid], 1)
        return found

    @cached_property
    def _row_types(self) -> dict[int, tuple[QName, int]]:
        """The types of the relations' rows, and of arrays of them."""
        names = self._relation_names
        found = {row[4]: (names[row[0]], 0) for row in self._relations}
        return found | {row[5]: (names[row[0]], 1) for row in self._relations if row[5]}
