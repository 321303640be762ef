"""The values of the configuration that a comparison depends on."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schema_sync.mapping.types import Wire
from schema_sync.model.base import Value


class Homes(Value, frozen=True, kw_only=True):
    """The files that new classes go to, relative to the project."""

    enums: str
    entities: str
    relationships: str


class Options(Value, frozen=True, kw_only=True):
    """See the configuration's keys of the same names.

    Attributes:
        schemas: in the user's order; the first one's classes carry no prefix.
        types: type expressions by PostgreSQL type or ``schema.table.column``.
        plurals: singular → plural, where the library is wrong.
        bindings: class (``Name`` or ``path:Name``) → database object.
    """

    schemas: tuple[str, ...]
    homes: Homes
    wire: Wire = "json"
    types: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    plurals: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    bindings: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    exclude_tables: tuple[str, ...] = ()
    exclude_enums: tuple[str, ...] = ()
