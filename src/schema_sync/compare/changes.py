"""What changed in the database since the last sync: two catalogs compared, in all that the hash covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from msgspec.structs import replace

from schema_sync.compare.markers import parse_column
from schema_sync.mapping.types import sql_name
from schema_sync.model import json_text
from schema_sync.model.base import Value, grouped
from schema_sync.model.catalog import (
    Catalog,
    Column,
    CompositeType,
    DomainType,
    EnumType,
    QName,
    Relation,
    TypeRef,
)
from schema_sync.model.overlay import unseen
from schema_sync.model.snapshot import HashedKey, Lock, hashed_column, hashed_keys

Named = Relation | EnumType | DomainType | CompositeType

_WORDS = {
    "partitioned": "partitioned table",
    "materialized_view": "materialized view",
    "foreign": "foreign table",
    EnumType: "enum",
    DomainType: "domain",
    CompositeType: "composite type",
}
_KEYS = {"primary": "primary key", "foreign": "foreign key"}
_IN_PARTS = frozenset({"name", "rank", "columns", "attributes", "labels", "constraints"})
_UNHASHED = frozenset({"insertable", "updatable"})  # of a relation; hashed_column leaves out those of columns
_FREE_TEXT = frozenset({"comment", "default"})
_LONGEST = 80  # characters of it
UNNAMED = "The hashes differ, but no change can be named."


class ObjectChange(Value, frozen=True, kw_only=True):
    """A change of an object, or of which schemas are compared.

    Attributes:
        text: what changed, unescaped; for the object as a whole ``added`` or ``removed``.
        how: whether the object, or its part, came, went or is another one.
        kind: the object's kind in words; empty where *text* is about no object.
        name: the object.
        part: the column, attribute or label that *text* is about; empty for the object as a whole.
    """

    text: str
    how: Literal["added", "removed", "changed"] = "changed"
    kind: str = ""
    name: QName | None = None
    part: str = ""

    def line(self, first_schema: str) -> str:
        """Return the change in a line; objects of *first_schema* go by their bare names."""
        if self.name is None:
            return self.text
        shown = self.name.name if self.name.schema == first_schema else str(self.name)
        return f"{self.kind} {shown}: {self.text}"


def comparable(before: Catalog, after: Catalog) -> bool:
    """Return whether what *before* shows is also seen now: else *after* shows as new what only was not seen."""
    return set(unseen(before)) <= set(unseen(after))


def between(before: Catalog, after: Catalog, first_schema: str) -> tuple[str, ...]:
    """Return a line for each change from *before* to *after*, unescaped; never none.

    Args:
        before: the catalog of the last sync.
        after: the catalog now; its hash differs.
        first_schema: the schema whose objects go by their bare names.
    """
    return tuple(each.line(first_schema) for each in changed(before, after))


def changed(before: Catalog, after: Catalog) -> tuple[ObjectChange, ...]:
    """Return each change from *before* to *after*, whose hashes differ; never none."""
    if not comparable(before, after):
        new = ", ".join(sorted(set(unseen(before)) - set(unseen(after))))
        text = f"The source of the last sync did not show {new}: what changed since then is not known."
        return (ObjectChange(text=text),)
    schemas = sorted(set(before.schemas) ^ set(after.schemas))
    texts = [f"schema {s}: {'compared now' if s in after.schemas else 'not compared any more'}" for s in schemas]
    return (*(ObjectChange(text=text) for text in texts), *_objects(before, after)) or (
        ObjectChange(text=UNNAMED),
    )


def former_columns(lock: Lock | None) -> Callable[[QName], set[str]]:
    """Return a function that gives the columns that a relation had at the last sync.

    Those that partial classes still declared then are among them.
    """
    removed = filter(None, map(parse_column, lock.removed.values())) if lock is not None else ()
    kept = grouped(removed)
    relations = lock.catalog.relations_by_name if lock is not None else {}

    def former(name: QName) -> set[str]:
        relation = relations.get(name)
        columns = relation.columns if relation is not None else ()
        return {column.name for column in columns}.union(kept.get(name, ()))

    return former


def _objects(before: Catalog, after: Catalog) -> Iterator[ObjectChange]:
    was, now = _by_name(before), _by_name(after)
    for key in [*now, *(key for key in was if key not in now)]:
        each = now.get(key) or was[key]
        kind = each.kind if isinstance(each, Relation) else type(each)
        for change in _object(was.get(key), now.get(key)):
            yield replace(change, kind=_WORDS.get(kind, str(kind)), name=each.name)


def _by_name(catalog: Catalog) -> dict[tuple[type, QName], Named]:
    named: tuple[Named, ...] = (*catalog.enums, *catalog.domains, *catalog.composites, *catalog.relations)
    return {(type(each), each.name): each for each in named}


def _object(old: Named | None, new: Named | None) -> Iterator[ObjectChange]:
    if old == new:
        return
    if old is None or new is None:
        yield (
            ObjectChange(text="removed", how="removed") if new is None else ObjectChange(text="added", how="added")
        )
        return
    yield from (ObjectChange(text=text) for text in _fields(old, new))
    match old, new:
        case Relation(), Relation():
            yield from _columns("column", map(hashed_column, old.columns), map(hashed_column, new.columns))
            was, now = Counter(hashed_keys(old)), Counter(hashed_keys(new))
            yield from (ObjectChange(text=f"{_key(key)} added", how="added") for key in (now - was).elements())
            yield from (ObjectChange(text=f"{_key(key)} removed", how="removed") for key in (was - now).elements())
        case CompositeType(), CompositeType():
            yield from _columns("attribute", old.attributes, new.attributes)
        case EnumType(), EnumType():
            yield from _parts("label", old.labels, new.labels)
        case _:
            pass


def _columns(word: str, old: Iterable[Column], new: Iterable[Column]) -> Iterator[ObjectChange]:
    was, now = ({column.name: column for column in columns} for columns in (old, new))
    types = {name: sql_name(column.type) for name, column in now.items()}
    yield from _parts(word, was, now, types)
    for name in (name for name in now if name in was):
        yield from (
            ObjectChange(text=f"{word} {name}: {text}", part=name) for text in _fields(was[name], now[name])
        )


def _parts(
    word: str, old: Iterable[str], new: Iterable[str], details: dict[str, str] | None = None
) -> Iterator[ObjectChange]:
    """Yield what was added, what was removed, and a new order of what stays."""
    was, now = dict.fromkeys(old), dict.fromkeys(new)
    for name in (name for name in now if name not in was):
        detail = f" ({details[name]})" if details else ""
        yield ObjectChange(text=f"{word} {name} added{detail}", how="added", part=name)
    for name in (name for name in was if name not in now):
        yield ObjectChange(text=f"{word} {name} removed", how="removed", part=name)
    kept = [name for name in now if name in was]
    if kept != [name for name in was if name in now]:
        yield ObjectChange(text=f"{word}s in another order: {', '.join(kept)}")


def _key(key: HashedKey) -> str:
    kind, columns, references, referenced = key
    target = f" references {references} ({', '.join(referenced)})" if references else ""
    return f"{_KEYS.get(kind, kind)} ({', '.join(columns)}){target}"


def _fields(old: Value, new: Value) -> Iterator[str]:
    """Yield the fields that differ, but for those that are compared by their parts."""
    without = _IN_PARTS | _UNHASHED if isinstance(new, Relation) else _IN_PARTS
    for field in (field for field in new.__struct_fields__ if field not in without):
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield f"{field.replace('_', ' ')}: {_shown(field, before)} → {_shown(field, after)}"


def _shown(field: str, value: object) -> str:
    if isinstance(value, TypeRef):
        return sql_name(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and field in _FREE_TEXT:
        text = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
        return json_text.encode(text).decode()
    return "none" if value is None else str(value)
