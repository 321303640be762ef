"""Catalogs and classes in few words, and the comparison of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schema_sync.codebase.reader import read_sources
from schema_sync.compare.compare import compare
from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, Constraint, EnumType, QName, Relation, TypeRef
from schema_sync.model.findings import Report
from schema_sync.model.options import Options, Paths, Reading
from schema_sync.model.snapshot import Lock, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS = Paths(
    enums="s/enums.py",
    entities="s/entities.py",
    relationships="s/relationships.py",
    functions="s/functions.py",
    aliases="s/aliases.py",
)
OPTIONS = Options(schemas=("public",), paths=PATHS)


def q(name: str, schema: str = "public") -> QName:
    return QName(schema=schema, name=name)


def pg(name: str, dims: int = 0, modifier: str | None = None) -> TypeRef:
    return TypeRef(name=q(name, "pg_catalog"), dims=dims, modifier=modifier)


def table(
    name: str, *columns: str | Column, kind: Any = "table", constraints: Iterable[Constraint] = ()
) -> Relation:
    """A table; a column is ``name type`` or ``name type?`` (nullable)."""
    made = []
    for rank, text in enumerate(columns, start=1):
        if isinstance(text, Column):
            made.append(text)
            continue
        column, _, kind_name = text.partition(" ")
        ref = (
            pg(kind_name.rstrip("?"))
            if "." not in kind_name
            else TypeRef(name=q(kind_name.rstrip("?").split(".")[1]))
        )
        made.append(Column(name=column, rank=rank, type=ref, nullable=kind_name.endswith("?")))
    return Relation(name=q(name), kind=kind, columns=tuple(made), constraints=tuple(constraints))


def catalog(*relations: Relation, enums: Iterable[EnumType] = (), **more: Any) -> Catalog:
    return Catalog(schemas=("public",), covers=ALL_FACETS, relations=relations, enums=tuple(enums), **more)


def enum(name: str, *labels: str) -> EnumType:
    return EnumType(name=q(name), labels=labels)


class Comparison(NamedTuple):
    report: Report


def run(
    schema: Catalog, python: str, *, lock: Lock | None = None, source: str = "dsn", **options: Any
) -> Comparison:
    codebase = read_sources({"s/all.py": python})
    assert not codebase.unreadable
    chosen = msgspec.structs.replace(OPTIONS, **options)
    return Comparison(
        compare(schema, codebase, options=chosen, lock=lock, reading=Reading(kind=source, describe="x"))
    )


def rules(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [
        (f.rule, ".".join(filter(None, (f.subject.name, f.subject.column, f.subject.label))), f.severity.name)
        for f in comparison.report.findings
    ]


TD = "from typing import *\nfrom enum import Enum\n"


def made_lock(schema: Catalog, bindings: dict[str, str] | None = None, **more: Any) -> Lock:
    return Lock(db_hash=fingerprint(schema), saved=schema, bindings=bindings or {}, **more)
