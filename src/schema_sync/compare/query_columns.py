"""The relations that a query reads, and what it selects of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schema_sync.compare.mentions import Mention
from schema_sync.compare.relationships import Relationships
from schema_sync.model.catalog import QName
from schema_sync.model.faults import Place
from schema_sync.nearest import nearest
from schema_sync.queries.select_lists import (
    Embed,
    Field,
    GrammarError,
    Name,
    select_list,
    without_blanks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.model.catalog import Catalog, Function, Relation
    from schema_sync.model.queries import Select, Text


_NO_COLUMNS = frozenset({"*", "count"})
"""What every select list may name: without such a column, ``orders.count`` is ``count(orders)`` for PostgreSQL."""


class Level(NamedTuple):
    """A relation of a query, what is selected of it, and the embedded relations by their key in the result.

    ``relation`` is None where it is not known. Without a select list the query yields all columns.
    """

    relation: Relation | None
    items: tuple[Field | Embed, ...] = ()
    embeds: dict[str, Level] = {}  # noqa: RUF012  # never changed

    def keys(self) -> set[str]:
        """Return the keys that a row of the result has."""
        found: set[str] = set()
        for item in self.items or (Field(Name("*", 0, 1)),):
            if isinstance(item, Embed):
                found |= self.embeds[item.result].keys() if item.spread else {item.result}
            elif item.name.text == "*" and not item.aggregate:
                found |= {column.name for column in self.relation.columns} if self.relation else set()
            else:
                found.add(item.result)
        return found


class Levels:
    """What select lists make of the relations of a catalog."""

    def __init__(self, catalog: Catalog, functions: Sequence[Function]) -> None:
        self._catalog = catalog
        self._relationships = Relationships(catalog, functions)
        self._computed: dict[QName, set[str]] = {}
        for function in functions:
            if len(function.inputs) == 1:
                self._computed.setdefault(function.inputs[0].type.name, set()).add(function.name.name)

    def of_select(self, mention: Mention, part: Select, relation: Relation) -> Level | None:
        """Return what a select list makes of *relation*, and note what is wrong; None if it is not parsed."""
        sent, sources = _sent(part.columns)
        mention = mention._replace(sources=sources)
        try:
            items = select_list(sent)
        except GrammarError as error:
            mention.report_unparsed(relation, error.offset, error.why)
            return None
        return self._level(mention, items, relation)

    def check_column(self, mention: Mention, name: Name, relation: Relation) -> None:
        """Note that *name* is a column of *relation*, or that there is none."""
        columns = [column.name for column in relation.columns]
        if name.text in columns or name.text in self._computed.get(relation.name, ()):
            mention.note(relation, name, name.text)
        else:
            mention.report("no_column", relation, name, part=name.text, nearest=nearest(name.text, columns))

    def _level(self, mention: Mention, items: Sequence[Field | Embed], relation: Relation | None) -> Level:
        embeds: dict[str, Level] = {}
        keys: set[str] = set()
        for item in items:
            if isinstance(item, Embed):
                if item.result in keys and relation is not None:
                    why = f"{item.result} is embedded twice: give one of them an alias"
                    mention.report("not_parsed", relation, item.target, detail=why)
                keys.add(item.result)
                target = self._target(mention, item, relation) if relation is not None else None
                embeds[item.result] = self._level(mention, item.items, target)
                embeds.setdefault(item.target.text, embeds[item.result])
            elif relation is not None and item.name.text not in _NO_COLUMNS:
                self.check_column(mention, item.name, relation)
            elif relation is not None and item.name.text == "*":
                mention.note(relation, Place(span=mention.part.span), "*")
        return Level(relation, tuple(items), embeds)

    def _target(self, mention: Mention, embed: Embed, relation: Relation) -> Relation | None:
        """Return an embedded relation, and note what is wrong with its name; None if it is not known."""
        name = embed.target.text
        ways = self._relationships.between(relation, name, embed.hint.text if embed.hint else None)
        if len(ways) == 1:
            found = self._catalog.relations_by_name.get(ways[0].target)
            if found is not None:
                mention.note(found, embed.target)
            return found
        other = self._catalog.relations_by_name.get(QName(schema=relation.name.schema, name=name))
        if any(self._relationships.is_open(each) for each in (relation, other) if each is not None):
            mention.report_unchecked(f"{relation.name} → {name}", "the keys that a view passes on are not known")
            return other
        if ways:
            names = tuple(sorted({way.constraint for way in ways}))
            mention.report("several_relationships", relation, embed.target, part=name, names=names)
            return None
        near = "" if other is not None else nearest(name, self._relationships.targets(relation))
        mention.report("no_relationship", relation, embed.target, part=name, nearest=near)
        return None


def _sent(columns: Sequence[Text]) -> tuple[str, list[tuple[Text, int]]]:
    """Return the select list as supabase-py sends it, and where each of its characters, and its end, is from."""
    sent = ""
    sources: list[tuple[Text, int]] = []
    for column in columns:
        if sources:
            sent += ","
            sources.append((column, 0))
        kept, offsets = without_blanks(column.value)
        sent += kept
        sources += [(column, offset) for offset in offsets[:-1]]
    if columns:
        sources.append((columns[-1], len(columns[-1].value)))
    return sent if columns else "*", sources


def below(mention: Mention, path: Sequence[Name], level: Level, *, is_known: bool) -> Level | None:
    """Return the level to which the embedded tables of *path* lead, None if it is not known.

    If *is_known*, the select list is, and a table that is not embedded is noted.
    """
    for name in path:
        found = level.embeds.get(name.text)
        if found is None:
            if is_known and level.relation is not None:
                why = f"{name.text} is not embedded in the select list"
                mention.report(
                    "not_parsed", level.relation, name, detail=why, nearest=nearest(name.text, level.embeds)
                )
            return None
        level = found
    return level
