"""The values of the configuration that a comparison depends on.

The text below a field is its row in docs/reference/configuration.md (``make docs``), in Markdown.
"""

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
    """New Enum classes."""
    entities: str = "schemas/database/entities.py"
    """New row classes."""
    relationships: str = "schemas/database/relationships.py"
    """Row classes of junction tables."""
    functions: str = "schemas/database/functions.py"
    """Classes for [arguments and results of functions](classes.md#functions)."""
    aliases: str = "schemas/aliases.py"
    """`Json` and `Array`, in [exact precision](types.md#precision-plain-or-exact)."""
    version: str = "schemas/schema_version.py"
    """The [figures of the last sync](files.md#records-of-a-sync)."""
    lock: str = "schemas/schema_lock.json"
    """The [catalog at the last sync](files.md#records-of-a-sync)."""
    baseline: str = "schemas/schema_baseline.json"
    """[Findings that are accepted](../guides/adopt.md#accepting-what-is-there)."""

    @property
    def code(self) -> tuple[str, ...]:
        """The files that new classes go to."""
        return (self.enums, self.entities, self.relationships, self.functions, self.aliases)


class QueryWrapper(Value, frozen=True, kw_only=True, rename="kebab"):
    """A function or method of the project's own that sends queries to PostgREST."""

    call: str
    """The end of the dotted name that is called, such as `supabase.select`."""
    table: int | str = 0
    """Position or keyword of the table's name."""
    params: int | str | None = None
    """Position or keyword of a dict of PostgREST's URL parameters."""
    payload: int | str | None = None
    """Position or keyword of the rows that are written."""


class Options(Value, frozen=True, kw_only=True, rename="kebab"):
    """The keys that decide what is compared and how."""

    schemas: tuple[str, ...] = ("public",)
    """Schemas that are compared. [Classes of the first carry no prefix](../guides/many-schemas.md)."""
    require: Require | None = None
    """Whether all tables and enums [need a class](../guides/adopt.md#what-needs-a-class), or only what is declared
    is compared; by default what fits the project."""
    wire: Wire = "json"
    """What a value is when it reaches the code: as [supabase-py or as psycopg](types.md) gives it."""
    precision: Precision = "plain"
    """`exact` admits [all that can come](types.md#precision-plain-or-exact)."""
    shapes: tuple[Shape, ...] = ("row",)
    """The classes of a table: [for rows, inserts and updates](classes.md#classes-for-inserts-and-updates)."""
    enum_columns: EnumColumns | None = None
    """What [new items of an enum type](types.md#enums-and-checks) are; by default `"str"`, in exact precision
    `"literal"`."""
    check_literals: bool = False
    """Whether a check that lists a text column's values [makes it a Literal](types.md#enums-and-checks)."""
    target: Form = "typeddict"
    """What [new classes](../guides/pydantic.md#new-classes) are."""
    functions: tuple[str, ...] = ()
    """Patterns of `name` or `schema.name`: [functions](classes.md#functions) that the code declares."""
    comments: bool = False
    """Whether classes carry the [comments](classes.md#comments) of tables, views, columns and enum types."""
    not_null: tuple[str, ...] = ()
    """Patterns of `schema.view.column`: columns of views and functions that are
    [never null](types.md#types-of-your-own), whatever the query."""
    trigger_filled: tuple[str, ...] = ()
    """Patterns of `schema.table.column`: columns that
    [a trigger fills](classes.md#classes-for-inserts-and-updates)."""
    exclude_tables: tuple[str, ...] = ()
    """Patterns of `name` or `schema.name`: tables and views that are not compared."""
    exclude_enums: tuple[str, ...] = ()
    """Patterns of `name` or `schema.name`: enum types that are not compared."""
    require_manual_review: tuple[str, ...] = ()
    """The [rules](rules.md) whose fixes wait for `update --prune`."""
    paths: Paths = Paths()
    bindings: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """[Class → database object](binding.md): `Name` or `path/of/file.py:Name`."""
    types: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """[Python types](types.md#types-of-your-own) by column, PostgreSQL type or `schema:type`."""
    severity: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """[Rule](rules.md) → `low`, `medium`, `high`, `critical` or `off`."""
    plurals: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """Singular → plural, where the guess is wrong."""

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
