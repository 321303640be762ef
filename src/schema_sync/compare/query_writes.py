"""What queries write, compared with the relations that they write to."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from schema_sync.compare.mentions import Mention
from schema_sync.model.catalog import Facet
from schema_sync.model.faults import Place
from schema_sync.nearest import nearest
from schema_sync.queries.select_lists import GrammarError, column_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from schema_sync.compare.query_columns import Levels
    from schema_sync.compare.query_values import Values
    from schema_sync.model.catalog import Catalog, Column, Relation
    from schema_sync.model.name_facts import NameFacts
    from schema_sync.model.queries import Conflict, Key, Payload, Query, Row

_UNSEEN_TRIGGERS = "the source does not show the triggers that may fill columns"


class Writes:
    """The checks of payloads and of ``on_conflict``.

    *trigger_filled* are patterns ``schema.table.column`` of columns that a trigger fills.
    """

    def __init__(
        self, catalog: Catalog, facts: NameFacts, levels: Levels, values: Values, trigger_filled: Sequence[str]
    ) -> None:
        self._catalog, self._facts, self._levels, self._values = catalog, facts, levels, values
        self._trigger_filled = trigger_filled

    def check_payload(self, mention: Mention, part: Payload, relation: Relation) -> None:
        """Note what is wrong with the rows of an insert, upsert or update."""
        columns = {column.name: column for column in relation.columns}
        is_filled = part.fills_defaults or not part.many
        sent = {key.name for row in part.rows for key in row.keys} if not is_filled else set[str]()
        for row in part.rows:
            for key in row.keys:
                self._check_key(mention, key, columns.get(key.name), relation)
            if mention.query.verb != "update" and row.complete:
                self._check_required(mention, row, relation, sent)

    def check_conflict(self, mention: Mention, part: Conflict, relation: Relation) -> None:
        """Note it if ``on_conflict`` names no columns, or columns that nothing makes unique."""
        mention = mention._replace(text=part.columns)
        try:
            names = column_names(part.columns.value)
        except GrammarError as error:
            mention.report_unparsed(relation, error.offset, error.why)
            return
        known = {column.name for column in relation.columns}
        for name in names:
            self._levels.check_column(mention, name, relation)
        wanted = frozenset(name.text for name in names)
        if wanted <= known and not relation.is_view:
            self._check_unique(mention, wanted, relation)

    def _check_key(self, mention: Mention, key: Key, column: Column | None, relation: Relation) -> None:
        place = Place(span=key.span)
        if column is not None:
            mention.note(relation, place, column.name)
        if column is None:
            near = nearest(key.name, [each.name for each in relation.columns])
            mention.report("no_column", relation, place, part=key.name, nearest=near)
        elif why := _not_writable(column, relation, mention.query):
            mention.report("not_writable", relation, place, part=key.name, detail=why)
        elif key.value is not None and key.value.value is not None:
            self._values.check(mention, relation, column, key.value.value, place)
        elif key.value is not None and not column.nullable and not self._may_be_filled(relation, column):
            mention.report("wrong_literal", relation, place, part=key.name, detail="it cannot be null")

    def _check_required(self, mention: Mention, row: Row, relation: Relation, sent: AbstractSet[str]) -> None:
        """Note the columns that *row* lacks and nothing fills: a default does not, if they are *sent* as null."""
        given = {key.name for key in row.keys}
        lacking = [column for column in relation.columns if column.name not in given]
        missing = [c for c in lacking if not _fills_itself(c) or (c.name in sent and not c.nullable)]
        if relation.is_view or Facet.DEFAULTS not in self._catalog.covers:
            return
        if missing and self._facts.filled is None:
            mention.report_unchecked(f"keys of {relation.name}", _UNSEEN_TRIGGERS)
            return
        names = tuple(column.name for column in missing if not self._may_be_filled(relation, column))
        if names:
            mention.report("key_missing", relation, Place(span=row.span), names=names)

    def _may_be_filled(self, relation: Relation, column: Column) -> bool:
        """Return whether a trigger may fill *column*, or that is not known."""
        name = f"{relation.name}.{column.name}"
        by_user = any(fnmatchcase(name, pattern) for pattern in self._trigger_filled)
        return by_user or self._facts.filled is None or relation.name in self._facts.filled

    def _check_unique(self, mention: Mention, wanted: frozenset[str], relation: Relation) -> None:
        keys = [each.columns for each in relation.constraints if each.kind in {"primary", "unique"}]
        indexes = self._facts.unique_indexes
        keys += [each.columns for each in indexes or () if each.relation == relation.name]
        if any(wanted == frozenset(key) for key in keys):
            return
        if indexes is None:
            mention.report_unchecked(f"on_conflict of {relation.name}", "the source does not show unique indexes")
            return
        mention.report(
            "no_unique_constraint", relation, Place(span=mention.part.span), names=tuple(sorted(wanted))
        )


def _fills_itself(column: Column) -> bool:
    """Return whether a row may leave *column* out, whatever triggers there are."""
    is_filled = column.has_default or column.identity is not None or column.generated is not None
    return column.nullable or is_filled or not column.insertable


def _not_writable(column: Column, relation: Relation, query: Query) -> str:
    """Return why the column cannot be written; an empty string if it can."""
    if column.generated:
        return "is generated"
    if column.identity == "always":
        return "is GENERATED ALWAYS AS IDENTITY"
    writable = column.updatable if query.verb == "update" else column.insertable
    return "" if writable or not relation.is_view else "is computed by the view"
