"""Entity-relationship diagrams in Mermaid: of a relation with its neighbours, and of tables that belong together.

Authority: Mermaid's grammar of entity relationship diagrams. Entities are called e0, e1 …; names stand as quoted
aliases. A column whose name is not an attribute's there has a neutral one, and its own in the comment behind it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from schema_sync.exports.markdown import short
from schema_sync.mapping.overrides import SQL_NAMES
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Column, Constraint, QName, Relation, TypeRef
from schema_sync.reports.escaping import printable

MOST_NEIGHBOURS = 15
MOST_IN_A_ROW = 6
_KEYWORD = re.compile(r"(?:pk|fk|uk)(?![A-Za-z0-9_])", re.IGNORECASE | re.ASCII)
_DIRECTION = re.compile(r"d(?=irection)", re.IGNORECASE)
_LAST_OF_PLANE = "\uffff"
_MARKS = {"primary": "PK", "foreign": "FK", "unique": "UK"}


class Reference(Value, frozen=True, kw_only=True):
    """A foreign key, from the relation that holds it."""

    source: Relation
    key: Constraint
    target: QName


def references(catalog: Catalog) -> Iterator[Reference]:
    """Yield the foreign keys of the catalog, in its order."""
    for relation in catalog.relations:
        for key in relation.constraints:
            if key.kind == "foreign" and key.references is not None:
                yield Reference(source=relation, key=key, target=key.references)


def of_tables(catalog: Catalog, names: Collection[QName], found: Iterable[Reference]) -> list[str]:
    """Return the diagram of the tables *names* with the keys of *found* that they hold.

    A table that such a key leads to and that is not one of *names* is a box without columns.
    """
    held = [each for each in found if each.source.name in names]
    pairs = {(each.source.name, each.target) for each in held}
    beside = Counter(("from", source) for source, _ in pairs) + Counter(("to", target) for _, target in pairs)
    sources, targets = {source for source, _ in pairs}, {target for _, target in pairs}
    row = max(len(sources - targets), len(targets - sources), *beside.values(), 0)
    drawn = _diagram(catalog, names, held, bare=True)
    return _from_left(drawn) if row > MOST_IN_A_ROW else drawn


def neighbourhood(catalog: Catalog, relation: Relation, found: Sequence[Reference]) -> list[str] | None:
    """Return the diagram of *relation* and its neighbours with their keys; None where these are too many.

    *found* are the foreign keys that leave or reach it. A relation without neighbours has none either: its columns
    stand in a table.
    """
    names = {name for r in found for name in (r.source.name, r.target)}
    if not found or len(names) - 1 > MOST_NEIGHBOURS:
        return None
    drawn = _diagram(catalog, [relation.name], found)
    return _from_left(drawn) if len(names) > MOST_IN_A_ROW else drawn


def _from_left(drawn: list[str]) -> list[str]:
    """Return a diagram that grows to the right: many boxes side by side would be too small to read."""
    return [*drawn[:2], "  direction LR", *drawn[2:]]


def _diagram(
    catalog: Catalog, names: Collection[QName], found: Sequence[Reference], *, bare: bool = False
) -> list[str]:
    everyone = dict.fromkeys([*names, *(name for r in found for name in (r.source.name, r.target))])
    ids = {name: f"e{i}" for i, name in enumerate(everyone)}
    lines = ["```mermaid", "erDiagram"]
    for name, id_ in ids.items():
        alias = text(short(name, catalog.schemas)) or "#32;"
        columns = [] if bare and name not in names else list(_columns(catalog, name, found))
        lines += [f'  {id_}["{alias}"] {{', *columns, "  }"] if columns else [f'  {id_}["{alias}"]']
    lines += [_line(ids, each) for each in found]
    return [*lines, "```"]


def _line(ids: dict[QName, str], reference: Reference) -> str:
    source, key = reference.source, reference.key
    nullable = any(c.nullable for c in source.columns if c.name in key.columns)
    unique = (c for c in source.constraints if c.kind in {"primary", "unique"})
    several = "|o" if any(set(c.columns) <= set(key.columns) for c in unique) else "}o"
    label = text(", ".join(key.columns)) or "#32;"
    return f'  {ids[source.name]} {several}--{"o|" if nullable else "||"} {ids[reference.target]} : "{label}"'


def _columns(catalog: Catalog, name: QName, found: Sequence[Reference]) -> Iterator[str]:
    relation = catalog.relations_by_name.get(name)
    if relation is None:
        return
    drawn = {id(r.key) for r in found}
    used = {c for k in relation.constraints if k.kind == "primary" or id(k) in drawn for c in k.columns}
    used |= {c for r in found if r.target == name for c in r.key.referenced_columns}
    taken: set[str] = set()
    for column in relation.columns:
        if column.name in used:
            yield _attribute(relation, column, taken)


def _attribute(relation: Relation, column: Column, taken: set[str]) -> str:
    own = _word(column.name)
    name, counter = own or f"column_{column.rank}", 2
    while name in taken:
        name, counter = f"{own or 'column'}_{counter}", counter + 1
    taken.add(name)
    keys_of = [k for k in relation.constraints if column.name in k.columns]
    # a unique key of several columns makes none of them unique
    kinds = {k.kind for k in keys_of if k.kind != "unique" or len(k.columns) == 1}
    marks = [mark for kind, mark in _MARKS.items() if kind in kinds]
    keys = f" {', '.join(marks)}" if marks else ""
    comment = "" if name == column.name else f' "{text(column.name)}"'
    return f"    {_type(column.type)} {name}{keys}{comment}"


def _type(type_: TypeRef) -> str:
    modifier = type_.modifier if type_.modifier and re.fullmatch(r"[0-9]+(,[0-9]+)?", type_.modifier) else None
    builtin = type_.name.schema == "pg_catalog"
    word = _word(SQL_NAMES.get(type_.name.name, type_.name.name) if builtin else type_.name.name) or "type"
    word += "_" if word.lower().endswith("direction") else ""
    return word + (f"({modifier})" if modifier else "") + "[]" * type_.dims


def _word(name: str) -> str:
    """Return *name* if it can be an attribute's, else what is left of it; empty where that is nothing."""
    kept = "".join(c if _is_plain(c) else "_" for c in name)
    kept = kept if kept == name else kept.strip("_")
    if kept and (kept[0].isdigit() or _KEYWORD.match(kept)):
        return f"_{kept}"
    return kept


def _is_plain(char: str) -> bool:
    letter = char.isalpha() and "\u00c0" <= char <= _LAST_OF_PLANE
    return letter or (char.isascii() and (char.isalnum() or char == "_"))


def text(value: str) -> str:
    """Return *value* for between double quotes: what means anything to Mermaid or HTML as its entity code.

    Mermaid turns a line that says ``direction TB``, quoted or not, into a command.
    """
    shown = "".join(c if c.isalnum() or c in " _-,." else f"#{ord(c)};" for c in printable(value))
    return _DIRECTION.sub(lambda found: f"#{ord(found[0])};", shown)
