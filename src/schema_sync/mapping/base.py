"""What a type map is: one constant per module, found by a scan of this folder."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from schema_sync.model.base import Value
from schema_sync.model.declarations import PyType


class Mapped(Value, frozen=True, kw_only=True):
    """The Python types of one PostgreSQL type, as annotations with dotted names.

    ``Json`` in them is the alias that the project's aliases file declares.

    Attributes:
        json: what PostgREST, and so supabase-py, yields (``json.loads`` of ``to_json``).
        native: what psycopg 3 yields by default.
        exact: ``json`` in exact precision, where it differs.
        modified: ``exact`` where the type has a modifier, such as ``numeric(12,4)``, if that differs again.
        native_exact: ``native`` in exact precision, where it differs.
        why: the reason, where it is not plain.
    """

    json: str
    native: str
    exact: str | PyType | None = None
    modified: PyType | None = None
    native_exact: str | None = None
    why: str = ""


class TypeMap(Value, frozen=True, kw_only=True):
    """The types of PostgreSQL itself (``extension`` is None) or of one extension, by their catalog name."""

    extension: str | None = None
    types: dict[str, Mapped]


def text(why: str) -> Mapped:
    """Return the entry for a type that is text on either wire, for the reason *why*."""
    return Mapped(json="str", native="str", why=why)


@cache
def extension_types() -> dict[str, Mapped]:
    """Return the types of all extensions by name: each module of this folder that has a ``TYPES``."""
    package = importlib.import_module("schema_sync.mapping")
    found: dict[str, Mapped] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        types = getattr(importlib.import_module(f"schema_sync.mapping.{info.name}"), "TYPES", None)
        if isinstance(types, TypeMap) and types.extension is not None:
            found.update(types.types)
    return found
