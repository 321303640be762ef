"""The values of the configuration that a comparison depends on."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schema_sync.mapping.types import EnumColumns, Precision, Wire
from schema_sync.model.base import Value
from schema_sync.model.declarations import Form, Shape
from schema_sync.model.findings import Note
from schema_sync.model.incomplete import Incomplete


class Homes(Value, frozen=True, kw_only=True):
    """The files that new classes go to, relative to the project."""

    enums: str
    entities: str
    relationships: str
    functions: str
    aliases: str


class Options(Value, frozen=True, kw_only=True):
    """See the configuration's keys of the same names.

    Attributes:
        schemas: in the user's order; the first one's classes carry no prefix.
        enum_columns: None means the form that fits the precision, see ``enum_form``.
        types: type expressions by ``schema.table.column``, PostgreSQL type or ``schema:type``.
        plurals: singular → plural, where the library is wrong.
        bindings: class (``Name`` or ``path:Name``) → database object.
        functions: patterns of the functions whose arguments and results the code declares.
        not_null: patterns ``schema.view.column`` of columns that are never null, whatever the view's query.
        trigger_filled: patterns ``schema.table.column`` of columns that a trigger fills.
    """

    schemas: tuple[str, ...]
    homes: Homes
    wire: Wire = "json"
    precision: Precision = "plain"
    shapes: tuple[Shape, ...] = ("row",)
    enum_columns: EnumColumns | None = None
    check_literals: bool = False
    target: Form = "typeddict"
    functions: tuple[str, ...] = ()
    comments: bool = False
    not_null: tuple[str, ...] = ()
    trigger_filled: tuple[str, ...] = ()
    types: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    plurals: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    bindings: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    exclude_tables: tuple[str, ...] = ()
    exclude_enums: tuple[str, ...] = ()

    @property
    def enum_form(self) -> EnumColumns:
        """The form in which enum columns are written; unless it was chosen, ``literal`` in exact precision."""
        return self.enum_columns or ("literal" if self.precision == "exact" else "str")


class Reading(Value, frozen=True, kw_only=True):
    """Where the catalog was read, and what this leaves open.

    Attributes:
        kind: the source's name.
        describe: the place, for messages.
        unseen: what only this source cannot see, beyond what the catalog does not cover.
        incomplete: what a replay did not apply, None where everything was.
    """

    kind: str
    describe: str
    unseen: tuple[Note, ...] = ()
    incomplete: Incomplete | None = None
