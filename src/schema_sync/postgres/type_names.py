"""Reads a type's name as ``format_type`` writes it where the search path is empty.

Authority: ``format_type_extended`` (src/backend/utils/adt/format_type.c) and ``quote_identifier``. Types of
pg_catalog stand without their schema, all others with it; names that need quotes have them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from schema_sync.model.catalog import QName, TypeRef
from schema_sync.postgres.builtin_types import BUILTIN_TYPES

_SPELLED: Mapping[str, str] = {
    "bigint": "int8",
    "bit": "bit",
    "bit varying": "varbit",
    "boolean": "bool",
    "character": "bpchar",
    "character varying": "varchar",
    "double precision": "float8",
    "integer": "int4",
    "interval": "interval",
    "real": "float4",
    "smallint": "int2",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    # PostgREST 14 and later write the formats of OpenAPI for integers; int32 is smallint too
    "int32": "int4",
    "int64": "int8",
}
_BUILTIN = frozenset(name for name, _ in BUILTIN_TYPES.values()) - frozenset(_SPELLED.values())  # by one word
_NAME = r'(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_]*)'
_NAMED = re.compile(rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME})(?:\((?P<modifier>.*)\))?", re.DOTALL)
_WORDS = re.compile(r"(?P<head>[a-z0-9 ]+?)(?:\((?P<modifier>[0-9, -]+)\))?(?P<tail> with(?:out)? time zone)?")
_FIELDS = re.compile(
    r"interval (?P<fields>(?:year|month|day|hour|minute|second)(?: to (?:month|hour|minute|second))?)"
)


def parse_type_name(text: str) -> TypeRef | None:
    """Return the type that *text* names, None if PostgreSQL would not write it so."""
    name, dims = (text[:-2], 1) if text.endswith("[]") else (text, 0)
    return _spelled(name, dims) or _named(name, dims)


def _spelled(text: str, dims: int) -> TypeRef | None:
    words = _WORDS.fullmatch(text)
    if words is None:
        return None
    head, modifier, tail = words["head"], words["modifier"], words["tail"] or ""
    name = _SPELLED.get(head + tail)
    if fields := _FIELDS.fullmatch(head):
        name, modifier = "interval", ",".join(filter(None, (fields["fields"], modifier)))
    if name is None:
        return None
    return TypeRef(name=QName(schema="pg_catalog", name=name), dims=dims, modifier=modifier)


def _named(text: str, dims: int) -> TypeRef | None:
    found = _NAMED.fullmatch(text)
    if found is None:
        return None
    schema, name = _unquoted(found["schema"] or "pg_catalog"), _unquoted(found["name"])
    if found["schema"] is None and name not in _BUILTIN:
        return None
    return TypeRef(name=QName(schema=schema, name=name), dims=dims, modifier=found["modifier"])


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
