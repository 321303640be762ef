"""What documents and figures tell of a schema beyond its catalog; no comparison rests on it.

Names and terms are those of the PostgreSQL manual, chapter "System Catalogs". No bodies of functions and no
arguments of triggers are in it: they can hold keys.
"""

from __future__ import annotations

from functools import cached_property

from schema_sync.model.base import Value, grouped
from schema_sync.model.catalog import QName


class Index(Value, frozen=True, kw_only=True):
    """An index; ``columns`` are what it is on, as SQL; ``keys`` their names, None for an expression."""

    table: QName
    name: str
    method: str
    unique: bool
    primary: bool
    valid: bool
    columns: tuple[str, ...]
    keys: tuple[str | None, ...]
    predicate: str | None = None


class Policy(Value, frozen=True, kw_only=True):
    """A policy; ``enabled`` is of its table's row level security, ``using`` and ``check`` are its conditions."""

    table: QName
    name: str
    enabled: bool
    permissive: bool
    command: str
    roles: tuple[str, ...]
    using: str | None = None
    check: str | None = None


class Trigger(Value, frozen=True, kw_only=True):
    """A trigger that a user made."""

    table: QName
    name: str
    timing: str
    events: tuple[str, ...]
    level: str
    function: str
    enabled: bool


class Routine(Value, frozen=True, kw_only=True):
    """A function, procedure, aggregate or window function; ``types`` are those of its arguments and result."""

    name: QName
    arguments: str
    returns: str | None
    kind: str
    language: str
    volatility: str
    security_definer: bool
    comment: str | None
    types: tuple[QName, ...]


class ViewQuery(Value, frozen=True, kw_only=True):
    """What a view selects: the relations that its query names, and the query, as the server writes it."""

    table: QName
    reads: tuple[QName, ...]
    definition: str


class Storage(Value, frozen=True, kw_only=True):
    """Row level security of a relation, the planner's estimate of its rows, and bytes on disk with indexes.

    ``rows`` is None where nobody has analyzed the table, ``size`` where nothing is stored.
    """

    table: QName
    row_security: bool
    forced: bool
    rows: int | None = None
    size: int | None = None


class Details(Value, frozen=True, kw_only=True, dict=True):
    """All of it, sorted by name."""

    indexes: tuple[Index, ...] = ()
    policies: tuple[Policy, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    routines: tuple[Routine, ...] = ()
    storages: tuple[Storage, ...] = ()
    views: tuple[ViewQuery, ...] = ()

    @cached_property
    def storage(self) -> dict[QName, Storage]:
        """Storage by relation."""
        return {each.table: each for each in self.storages}

    @cached_property
    def indexes_of(self) -> dict[QName, list[Index]]:
        """Indexes by relation."""
        return grouped((each.table, each) for each in self.indexes)

    @cached_property
    def policies_of(self) -> dict[QName, list[Policy]]:
        """Policies by relation."""
        return grouped((each.table, each) for each in self.policies)

    @cached_property
    def triggers_of(self) -> dict[QName, list[Trigger]]:
        """Triggers by relation."""
        return grouped((each.table, each) for each in self.triggers)

    @cached_property
    def view_queries(self) -> dict[QName, ViewQuery]:
        """Queries of views by the view."""
        return {each.table: each for each in self.views}

    @cached_property
    def readers(self) -> dict[QName, list[QName]]:
        """The views whose query names a relation, by that relation."""
        return grouped((name, each.table) for each in self.views for name in each.reads)

    def base_tables(self, view: QName) -> tuple[QName, ...]:
        """Return what *view* reads in the end, in the order of names: no views, but those of other schemas."""
        found: dict[QName, None] = {}
        waiting, met = [view], {view}
        while waiting:
            query = self.view_queries.get(waiting.pop())
            for name in query.reads if query is not None else ():
                if name not in self.view_queries:
                    found[name] = None
                elif name not in met:
                    met.add(name)
                    waiting.append(name)
        return tuple(sorted(found))
