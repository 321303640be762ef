"""A catalog as the lock's text: a line for each constraint and each column, which holds what is not usual.

    ["slug","varchar(80)",{"nullable":true}]

has the name, the type and, where there is more, the other fields; the place in the list is the rank. Types are
named as in SQL, without ``pg_catalog``, where that is unambiguous, else by their parts. All else stands as in a
snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from schema_sync.model import json_text
from schema_sync.model.catalog import Catalog, Column, QName, Relation, TypeRef

_BUILTIN = "pg_catalog"
_TYPE = re.compile(r"(?:([\w$]+)\.)?([\w$]+)(?:\(([^()]*)\))?(\[\])?")
_OTHER_FIELDS = tuple(name for name in Relation.__struct_fields__ if name != "columns")
Layout = Callable[[object, str], str]


class _Relation(Relation, frozen=True, kw_only=True):
    columns: tuple[msgspec.Raw, ...] = ()  # type: ignore[assignment]


class _Catalog(Catalog, frozen=True, kw_only=True):
    relations: tuple[_Relation, ...] = ()


def catalog_text(catalog: Catalog, layout: Layout, newline: str) -> str:
    """Return the text for *catalog*.

    *layout* writes other values; *newline* ends a line and indents the next one.
    """
    inner = newline + " "
    parts: list[str] = []
    plain = msgspec.to_builtins(replace(catalog, relations=()), order="deterministic")
    for field in Catalog.__struct_fields__:
        if field == "relations" and catalog.relations:
            relations = ("," + inner + " ").join(_relation_texts(catalog, layout, inner + " "))
            parts.append(f'"relations": [{inner} {relations}{inner}]')
        elif field in plain:
            parts.append(f'"{field}": {layout(plain[field], inner)}')
    return "{" + inner + ("," + inner).join(parts) + newline + "}"


def _relation_texts(catalog: Catalog, layout: Layout, newline: str) -> Iterator[str]:
    inner = newline + " "
    columns: dict[int, str] = {}  # by identity: relations share what is alike
    for relation in catalog.relations:
        new = {id(column): column for column in relation.columns if id(column) not in columns}
        columns |= {key: _column_text(column) for key, column in new.items()}
        plain = msgspec.to_builtins(replace(relation, columns=(), constraints=()), order="deterministic")
        parts = [f'"{field}": {layout(value, inner)}' for field, value in plain.items()]
        constraints = [json_text.encode(constraint).decode() for constraint in relation.constraints]
        for field, lines in (
            ("columns", [columns[id(column)] for column in relation.columns]),
            ("constraints", constraints),
        ):
            if lines:
                parts.append(f'"{field}": [{inner} {("," + inner + " ").join(lines)}{inner}]')
        yield "{" + inner + ("," + inner).join(parts) + newline + "}"


def _column_text(column: Column) -> str:
    more = msgspec.to_builtins(column, order="deterministic")
    for field in ("name", "rank", "type"):
        del more[field]
    parts = [column.name, _type_text(column.type)]
    return json_text.encode([*parts, more] if more else parts).decode()


@lru_cache(maxsize=4096)
def _type_text(ref: TypeRef) -> str | TypeRef:
    """Return the name of the type; *ref* itself where it cannot be told from that."""
    schema = "" if ref.name.schema == _BUILTIN else f"{ref.name.schema}."
    modifier = "" if ref.modifier is None else f"({ref.modifier})"
    text = f"{schema}{ref.name.name}{modifier}{'[]' if ref.dims else ''}"
    return text if _TYPE.fullmatch(text) and _type(text) == ref else ref


@lru_cache(maxsize=4096)
def _type(text: str) -> TypeRef:
    """Return the type that *text* names.

    Raises:
        ValueError: if it names none.
    """
    match = _TYPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} names no type")
    schema, name, modifier, dims = match.groups()
    return TypeRef(name=QName(schema=schema or _BUILTIN, name=name), dims=int(bool(dims)), modifier=modifier)


def read_catalog(text: msgspec.Raw) -> Catalog:
    """Return the catalog in *text*, as ``catalog_text`` gives it.

    Raises:
        ValueError: if it holds none.
    """
    found = msgspec.json.decode(text, type=_Catalog)
    relations: list[Relation] = []
    for each in found.relations:
        fields: dict[str, Any] = {field: getattr(each, field) for field in _OTHER_FIELDS}
        own = tuple([_column(bytes(raw), rank) for rank, raw in enumerate(each.columns, start=1)])
        relations.append(Relation(columns=own, **fields))
    others: dict[str, Any] = {
        name: getattr(found, name) for name in Catalog.__struct_fields__ if name != "relations"
    }
    return Catalog(relations=tuple(relations), **others)


@lru_cache(maxsize=2**17)
def _column(text: bytes, rank: int) -> Column:
    """Return the column in *text*: what is alike, in the locks of a history too, is one value."""
    name, type_, *more = msgspec.json.decode(text, type=list[Any])
    ref = _type(type_) if isinstance(type_, str) else type_
    fields: dict[str, Any] = {"name": name, "rank": rank, "type": ref} | (more[0] if more else {})
    return msgspec.convert(fields, Column)
