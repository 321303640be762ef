"""The values of the configuration that a comparison depends on; docs/SCHEMA_SYNC_README.md describes each key."""

from __future__ import annotations

from typing import Literal

import msgspec

from schema_sync.model.base import Value
from schema_sync.model.declarations import Form, Shape
from schema_sync.model.findings import Incomplete, Note
from schema_sync.model.migration_state import Recorded
from schema_sync.model.name_facts import NameFacts
from schema_sync.model.verdicts import Verdict

Require = Literal["all", "declared"]
Wire = Literal["json", "native"]
Precision = Literal["plain", "exact"]
EnumColumns = Literal["str", "enum", "literal"]


class Paths(Value, frozen=True, kw_only=True, rename="kebab"):
    """Where new code and the records of a sync go, relative to the project."""

    enums: str = "schemas/enums.py"
    entities: str = "schemas/database/entities.py"
    relationships: str = "schemas/database/relationships.py"
    functions: str = "schemas/database/functions.py"
    aliases: str = "schemas/aliases.py"
    version: str = "schemas/schema_version.py"
    lock: str = "schemas/schema_lock.json"
    baseline: str = "schemas/schema_baseline.json"

    @property
    def code(self) -> tuple[str, ...]:
        """The files that new classes go to."""
        return (self.enums, self.entities, self.relationships, self.functions, self.aliases)


class QueryWrapper(Value, frozen=True, kw_only=True, rename="kebab"):
    """A function or method of the project's own that sends queries to PostgREST.

    Attributes:
        call: the end of the dotted name that is called, such as ``supabase.select``.
        table: position or keyword of the table's name.
        params: position or keyword of a dict of PostgREST's URL parameters.
        payload: position or keyword of the rows that are written.
    """

    call: str
    table: int | str = 0
    params: int | str | None = None
    payload: int | str | None = None


class Options(Value, frozen=True, kw_only=True, rename="kebab"):
    """See the configuration's keys of the same names.

    Attributes:
        schemas: in the user's order; the first one's classes carry no prefix.
        require: whether every table and enum needs a class, or only classes that exist are compared; None means
            what fits the project.
        enum_columns: None means the form that fits the precision, see ``enum_form``.
        types: type expressions by ``schema.table.column``, PostgreSQL type or ``schema:type``.
        plurals: singular → plural, where the library is wrong.
        bindings: class (``Name`` or ``path:Name``) → database object.
        functions: patterns of the functions whose arguments and results the code declares.
        not_null: patterns ``schema.view.column`` of columns that are never null, whatever the view's query.
        trigger_filled: patterns ``schema.table.column`` of columns that a trigger fills.
        severity: rule → word or ``off``.
        require_manual_review: the rules whose fixes wait for a review.
    """

    schemas: tuple[str, ...] = ("public",)
    require: Require | None = None
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
    exclude_tables: tuple[str, ...] = ()
    exclude_enums: tuple[str, ...] = ()
    require_manual_review: tuple[str, ...] = ()
    paths: Paths = Paths()
    bindings: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    types: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    severity: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    plurals: dict[str, str] = msgspec.field(default_factory=dict[str, str])

    @property
    def enum_form(self) -> EnumColumns:
        """The form in which enum columns are written; unless it was chosen, ``literal`` in exact precision."""
        return self.enum_columns or ("literal" if self.precision == "exact" else "str")


class NameChange(Value, frozen=True, kw_only=True):
    """What a statement of a migration does to a name: ``old`` becomes ``new``, or, where that is None, is dropped.

    A name is a schema; a schema and an object; or a schema, an object and its column, attribute or label.
    """

    old: tuple[str, ...]
    new: tuple[str, ...] | None


class Reading(Value, frozen=True, kw_only=True):
    """Where the catalog was read, and what this leaves open.

    Attributes:
        kind: the source's name.
        describe: the place, for messages.
        unseen: what only this source cannot see, beyond what the catalog does not cover.
        incomplete: what a replay did not apply, None where everything was.
        facts: what the catalog does not have, for the names in queries.
        name_changes: what migrations rename and drop, in their order.
        verdicts: what the server reports on SQL of the code, by statement; None where it was not asked.
        recorded: the migrations that the database records as applied; None where it was not asked.
    """

    kind: str
    describe: str
    unseen: tuple[Note, ...] = ()
    incomplete: Incomplete | None = None
    facts: NameFacts = NameFacts()
    name_changes: tuple[NameChange, ...] = ()
    verdicts: dict[str, Verdict] | None = None
    recorded: Recorded | None = None
