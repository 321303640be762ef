"""What has another name in the database than at the last sync, where that is proven.

Two things prove it. The lock remembers oids and attnums of the databases that it knows, which a rename does not
change. And migrations state what they rename.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from schema_sync.compare.markers import parse_object
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, CompositeType, EnumType, ObjectIdentity, QName, Relation
from schema_sync.model.options import NameChange
from schema_sync.model.snapshot import Lock

Name = tuple[str, ...]
_Named = Relation | CompositeType | EnumType


class Renames(Value, frozen=True, kw_only=True):
    """What is proven to have been renamed since the last sync.

    A name that the database has now as then is no former name, whatever has it: code uses names. So of two tables
    that exchanged their names none was renamed.

    Attributes:
        objects: the names of relations, composite types and enum types now, by their former names.
        parts: by such a name now, the former names of columns, attributes and labels by those now.
    """

    objects: Mapping[QName, QName] = {}
    parts: Mapping[QName, Mapping[str, str]] = {}


def find_renames(catalog: Catalog, lock: Lock | None, changes: Sequence[NameChange] = ()) -> Renames:
    """Return what *lock* has under another name than *catalog*; *changes* are what migrations do to names.

    Where the lock knows this very database, that alone counts.
    """
    if lock is None or (lock.is_of(catalog) and not lock.renamed):  # no name came or went
        return Renames()
    was, now = _named(lock.catalog), _named(catalog)
    known = lock.identity.get(catalog.database) if catalog.database else None
    objects: dict[QName, QName] = {}
    fresh = sorted(now.keys() - was.keys())
    by_oid = _by_oid(known, was) if known is not None and fresh else {}
    for name in fresh:
        own = catalog.identity.get(str(name))
        if known is None:
            former = _traced(_path(name), changes, was, now)
        else:
            former = by_oid.get((_is_enum(now[name]), own.oid)) if own is not None else None
        if former is not None and former not in now and _is_enum(was[former]) == _is_enum(now[name]):
            objects[former] = name
    objects |= dict(_kept(lock, was, now, objects))
    formers = {name: former for former, name in objects.items() if former in was}
    parts: dict[QName, dict[str, str]] = {}
    for name, each in now.items() if known is not None or changes else ():
        former = formers.get(name, name)
        if former not in was or _is_enum(was[former]) != _is_enum(each):
            continue
        if known is not None:
            found = dict(_numbered(known.get(str(former)), catalog.identity.get(str(name))))
        else:
            found = dict(_stated(name, _parts(each), former, _parts(was[former]), changes))
        old, new = (_parts(was[former]), _parts(each)) if found else ((), ())
        found = {part: before for part, before in found.items() if before not in new and part not in old}
        if found:
            parts[name] = found
    return Renames(objects=objects, parts=parts)


def _named(catalog: Catalog) -> dict[QName, _Named]:
    types: tuple[CompositeType | EnumType, ...] = (*catalog.composites, *catalog.enums)
    return {**catalog.relations_by_name, **{each.name: each for each in types if not each.external}}


def _is_enum(named: _Named) -> bool:
    return isinstance(named, EnumType)


def _parts(named: _Named) -> tuple[str, ...]:
    """Return the names of columns or attributes, or the labels."""
    if isinstance(named, EnumType):
        return named.labels
    return tuple(part.name for part in (named.columns if isinstance(named, Relation) else named.attributes))


def _kept(
    lock: Lock, was: Collection[QName], now: Collection[QName], objects: Mapping[QName, QName]
) -> Iterator[tuple[QName, QName]]:
    """Yield the renames that code did not follow at the last sync; names that are in use again do not count."""
    for former, current in ((_parsed(old), _parsed(new)) for old, new in lock.renamed.items()):
        current = objects.get(current, current)  # noqa: PLW2901 - it may have been renamed again
        if former not in now and former not in was and current in now:
            yield former, current


def _parsed(text: str) -> QName:
    found = parse_object(text)
    return QName(schema=(found.schema if found else None) or "", name=found.name if found else "")


def _by_oid(known: Mapping[str, ObjectIdentity], was: Mapping[QName, _Named]) -> dict[tuple[bool, int], QName]:
    """Return the objects of the last sync by their oids; types and relations have oids of their own."""
    return {(_is_enum(each), known[str(n)].oid): n for n, each in was.items() if str(n) in known}


def _traced(
    name: Name, changes: Sequence[NameChange], was: Mapping[QName, _Named], now: Collection[QName]
) -> QName | None:
    """Return the object that *name* was at the last sync, where *changes* lead from a name that is gone to it."""
    for path in _before(name, changes):
        former = QName(schema=path[0], name=path[1])
        if former in was and former not in now:
            return former
    return None


def _stated(
    name: QName,
    parts: Collection[str],
    former: QName,
    former_parts: Collection[str],
    changes: Sequence[NameChange],
) -> Iterator[tuple[str, str]]:
    """Yield new part → former part, where *changes* lead from a name that is gone to one that is new."""
    gone: dict[Name, str] = {(*_path(former), part): part for part in former_parts if part not in parts}
    for part in parts if gone else ():
        found = next((path for path in _before((*_path(name), part), changes) if path in gone), None)
        if found is not None:
            yield part, gone[found]


def _before(name: Name, changes: Sequence[NameChange]) -> Iterator[Name]:
    """Yield the former names of what is called *name*, the latest first, as far back as it was not dropped."""
    for change in reversed(changes):
        if change.new is None:
            if name[: len(change.old)] == change.old:
                return  # what has the name was made later
        elif name[: len(change.new)] == change.new:
            name = (*change.old, *name[len(change.new) :])
            yield name


def _numbered(before: ObjectIdentity | None, now: ObjectIdentity | None) -> Iterator[tuple[str, str]]:
    """Yield new part → former part, where both have the same number in the same object."""
    if before is None or now is None or before == now or before.oid != now.oid:
        return
    former = {number: name for name, number in before.attnums.items()}
    yield from ((name, former[number]) for name, number in now.attnums.items() if former.get(number, name) != name)


def _path(name: QName) -> Name:
    return name.schema, name.name
