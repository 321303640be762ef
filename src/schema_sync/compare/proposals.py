"""Proposals: row classes that nothing binds, although their fields are the columns of one table.

Nothing is bound by them: a person does that, with a line under ``bindings``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from schema_sync.compare.binding import LEAST_SHARED
from schema_sync.compare.configured import read_configured
from schema_sync.compare.markers import spelled
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.mapping import names
from schema_sync.model.catalog import Catalog, QName
from schema_sync.model.declarations import Codebase, Item, Location, RowDeclaration
from schema_sync.model.findings import Binding, Proposal, Report
from schema_sync.model.options import Options

_LEAST_PER_CENT = 75  # of the fields that have to be columns
_MOST_NAMED = 3  # tables that a class fits equally well; its fields are in any table if there are more
_MOST_LOOKED_AT = 1_000  # tables that a class is held against

Places = set[tuple[QName, Location]]


def propose(report: Report, codebase: Codebase, catalog: Catalog, options: Options) -> tuple[Proposal, ...]:
    """Return the proposals for classes of *codebase* that *report* compares with nothing, by place.

    It takes as long as there are columns and fields: no class is held against every table.
    """
    settled = read_configured(options, codebase).unbound
    known = (row for row in report.unbound if not row.unknown and row.id not in settled)
    enough = (row for row in known if len(row.items) >= LEAST_SHARED)
    rows = sorted(enough, key=lambda row: (-len(row.items), row.at))  # a base class comes behind those it is for
    if not rows:
        return ()
    tables, compared = _Tables(catalog, options), _compared(report.bindings)
    named = Counter(id_.rpartition(":")[2] for id_ in (*codebase.by_id, *(each.id for each in codebase.unread)))
    found: list[Proposal] = []
    for row in rows:
        fitting, columns = tables.fitting(row)
        places = {(name, item.at) for name in fitting for item in row.items}
        if not fitting or places <= compared:
            continue
        compared |= places
        key = row.name if named[row.name] == 1 else row.id
        stated = tuple(f"partial:{spelled(name)}" for name in fitting)
        found.append(Proposal(declaration=row, objects=fitting, columns=columns, key=key, stated=stated))
    return tuple(sorted(found, key=lambda proposal: proposal.declaration.at))


def _compared(bindings: Collection[Binding]) -> Places:
    """Return the fields that are compared with a table already: those of a base, in a class that inherits them."""
    return {
        (binding.object, item.at)
        for binding in bindings
        if isinstance(binding.declaration, RowDeclaration)
        for item in binding.declaration.items
    }


class _Tables:
    """The tables and views that are compared, by the names of their columns."""

    def __init__(self, catalog: Catalog, options: Options) -> None:
        self._plurals = options.plurals
        objects = DatabaseObjects(catalog=catalog, options=options)
        relations = [r for r in catalog.relations if not objects.is_excluded(r.name)]
        self._views = {relation.name for relation in relations if relation.is_view}
        self._columns = {relation.name: {column.name for column in relation.columns} for relation in relations}
        self._with: Mapping[str, list[QName]] = defaultdict(list)
        for relation in relations:
            for column in relation.columns:
                self._with[column.name].append(relation.name)

    def fitting(self, row: RowDeclaration) -> tuple[tuple[QName, ...], int]:
        """Return the tables that most fields of *row* are columns of, and how many of its fields are.

        Of several that fit equally well, tables come before views, and those that its name mentions before others.
        """
        least = max(LEAST_SHARED, -(-_LEAST_PER_CENT * len(row.items) // 100))
        candidates, elsewhere = self._candidates(row.items, least)
        shared = {name: self._shared(row, name) for name in candidates}
        most = max(shared.values(), default=0)
        if most < least or most <= elsewhere:
            return (), 0
        best = [name for name, count in shared.items() if count == most]
        best = [name for name in best if name not in self._views] or best
        best = self._mentioned(row, best) if len(best) > 1 else best
        return (tuple(sorted(best)), most) if len(best) <= _MOST_NAMED else ((), 0)

    def _candidates(self, items: Collection[Item], least: int) -> tuple[Collection[QName], int]:
        """Return tables with columns for any of the rarest *items*, and for how many items any other has columns.

        A table for *least* of them lacks at most the others, so it has one of any that are one more. Of those that
        many tables have, none are looked up.
        """
        having = sorted(([*self._having(item)] for item in items), key=len)
        found: dict[QName, None] = {}
        for looked_up, tables in enumerate(having[: len(items) - least + 1]):
            if len(found) + len(tables) > _MOST_LOOKED_AT:
                return found, len(items) - looked_up
            found.update(dict.fromkeys(tables))
        return found, least - 1

    def _having(self, item: Item) -> Iterator[QName]:
        """Yield the tables with a column for *item*, as many as are worth looking at."""
        found = (name for key in item.keys for name in self._with.get(key, ()))
        return islice(found, _MOST_LOOKED_AT + 1)

    def _shared(self, row: RowDeclaration, name: QName) -> int:
        return sum(not self._columns[name].isdisjoint(item.keys) for item in row.items)

    def _mentioned(self, row: RowDeclaration, tied: list[QName]) -> list[QName]:
        """Return those of *tied* that the name of *row* mentions at the greatest length, else all."""
        own = names.folded(row.name.rpartition(".")[2])
        keys = {name: names.relation_keys(name.name, self._plurals) for name in tied}
        lengths = {n: max((len(key) for _, key in found if key in own), default=0) for n, found in keys.items()}
        return [name for name, length in lengths.items() if length == max(lengths.values())]
