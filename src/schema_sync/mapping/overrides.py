"""Types that the user chose: by column, by PostgreSQL type, for one schema or for all. The most exact wins."""

from __future__ import annotations

from collections.abc import Mapping

from schema_sync.mapping.expressions import parse_type
from schema_sync.model.base import grouped
from schema_sync.model.catalog import QName, TypeRef
from schema_sync.model.declarations import PyType

SQL_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "char",
}
_OTHER_NAMES = {
    "int": "int4",
    "decimal": "numeric",
    "character varying": "varchar",
    "character": "bpchar",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
}
_SYNONYMS: dict[str, list[str]] = grouped(
    [*SQL_NAMES.items(), *((name, sql) for sql, name in _OTHER_NAMES.items())]
)


def column_key(relation: QName, column: str) -> str:
    """Return the key that maps to a column."""
    return f"{relation}.{column}"


class Overrides:
    """The user's table ``[types]``; keys for PostgreSQL's own types match in any case."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._exact = dict(types)
        self._folded = {key.lower(): key for key in types}
        self.by_schema = any(":" in key for key in types)

    def __bool__(self) -> bool:
        return bool(self._exact)

    def of_column(self, relation: QName, column: str) -> PyType | None:
        """Return the type chosen for a column."""
        text = self._exact.get(column_key(relation, column))
        return None if text is None else parse_type(text)

    def of_type(self, ref: TypeRef, schema: str = "") -> PyType | None:
        """Return the type chosen for the PostgreSQL type *ref*, in the columns of *schema*."""
        key = self.key_of(ref, schema)
        return None if key is None else parse_type(self._exact[key])

    def key_of(self, ref: TypeRef, schema: str) -> str | None:
        """Return the key that decides the type *ref* in the columns of *schema*, None if there is none."""
        if not self._exact:
            return None
        names: list[str] = [str(ref.name), ref.name.name, *_SYNONYMS.get(ref.name.name, ())]
        for key in [*(f"{schema}:{name}" for name in names if schema), *names]:  # the most exact first
            if key in self._exact:
                return key
            if ref.name.schema == "pg_catalog" and key.lower() in self._folded:
                return self._folded[key.lower()]
        return None

    def unused(self, matched: set[str]) -> list[str]:
        """Return the keys that are not among *matched*, in the user's order."""
        return [key for key in self._exact if key not in matched]
