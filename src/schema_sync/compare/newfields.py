"""How a model or dataclass would declare one more column: name, alias, default and place, in its own manner.

Authority: pydantic's documentation, "Alias" and "Fields"; the Python library reference, "dataclasses" (fields
without a default may not follow ones with it).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.mapping.fields import GENERATORS, field_name, is_field, to_camel, to_snake
from schema_sync.model.declarations import MODELS, PyType, union
from schema_sync.model.pairs import NewField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.declarations import Item, RowDeclaration, Shape
    from schema_sync.model.pairs import ExpectedItem

_NONE = PyType(name="None")


def new_field(
    declared: RowDeclaration, column: ExpectedItem, before: Item | None, plain: bool, shape: Shape = "row"
) -> NewField | None:
    """Return the field for *column* in *declared*; None where the class can have none.

    *before* is the item of the column before it; *plain* says that the class takes values as they come. In a model
    of *shape* insert or update what may be left out has the default None.
    """
    taken = {item.name for item in declared.items}
    type_ = column.type if plain or column.rich is None else column.rich
    if declared.form not in MODELS:
        if not column.in_class:
            return None
        name, alias = column.key, None
        type_ = column.type
    else:
        if not taken.isdisjoint(_heads(type_)):
            type_ = column.type  # a field has the name of the type
        heads = {*_heads(type_), *(head for item in declared.items for head in _heads(item.type))}
        name, alias = _name(declared, column.key, taken, heads)
    left_out = declared.form == "pydantic" and not column.demanded(shape)
    nullable = column.nullable or left_out
    found = NewField(key=name, type=union(type_, _NONE) if nullable else type_, alias=alias, optional=left_out)
    return _placed(declared, found, before, nullable=nullable)


def takes_plain(declared: RowDeclaration, pairs: list[tuple[ExpectedItem, Item]]) -> bool:
    """Tell whether most columns that could be a richer type (UUID, datetime) are, or must be, plain here."""
    chosen = [
        item.type.without_none == column.type or bool(item.field and item.field.strict)
        for column, item in pairs
        if column.rich is not None and column.rich != column.type
    ]
    return declared.form not in MODELS or 2 * sum(chosen) > len(chosen)


def _heads(type_: PyType) -> Iterator[str]:
    """Yield the names that an annotation of this type may begin with."""
    yield from type_.name.rpartition(":")[2].split(".")
    for arg in type_.args:
        yield from _heads(arg)
    if type_.admits_none:
        yield from ("None", "Optional", "Union")


def _name(declared: RowDeclaration, key: str, taken: set[str], heads: set[str]) -> tuple[str, str | None]:
    """Return the name of the field for *key*, and the alias that it needs."""
    generate = GENERATORS.get(declared.aliases)
    names = [field_name(key, {*taken, *heads})]
    if generate is not None:
        names.insert(0, to_snake(key))
    elif _writes_camel(declared):
        names.insert(0, to_camel(key))
    name = next(name for name in names if is_field(name) and name not in taken and name not in heads)
    read = {generate(name) if generate else name, *([name] if declared.by_name else [])}
    return name, None if key in read else key


def _writes_camel(declared: RowDeclaration) -> bool:
    aliased = [item for item in declared.items if item.field and item.key != item.name]
    return bool(aliased) and all(item.name == to_camel(item.key) for item in aliased)


def _placed(declared: RowDeclaration, found: NewField, before: Item | None, *, nullable: bool) -> NewField | None:
    """Return *found* with its default and its place; None where no place leaves the class valid."""
    optional = found.optional or (nullable and _gives_defaults(declared))
    own = [item for item in declared.items if not item.inherited and not _is_made(item)]
    ordered = declared.form != "pydantic" and not any(item.field and item.field.keyword for item in own)
    after = before.name if before else None
    if not ordered:
        last = own[-1].name if own and declared.form != "pydantic" else after
        return replace(found, optional=optional, after=last)
    first = next((i for i, item in enumerate(own) if not item.required), len(own))
    names = [item.name for item in own]
    wanted = names.index(after) + 1 if after in names else len(own)
    if declared.form == "pydantic_dataclass":
        return None  # where ``Field`` counts as a default too, and only its source tells
    if any(item.inherited and not item.required for item in declared.items):
        return replace(found, optional=True, after=names[-1] if names else None) if nullable else None
    if optional and first < len(own):
        return replace(found, optional=True, after=names[max(wanted, first + 1) - 1])
    place = min(wanted, first)
    if place == 0 and own:
        return replace(found, before=names[0])
    return replace(found, after=names[place - 1] if own else None)


def _is_made(item: Item) -> bool:
    """Tell whether the class fills the field itself: no argument, it is under no order."""
    return item.field is not None and item.field.aside == "made"


def _gives_defaults(declared: RowDeclaration) -> bool:
    """Tell whether most fields of the class that admit None have the default None."""
    nullable = [item for item in declared.items if item.type.admits_none]
    defaults = Counter(item.field.default for item in nullable if item.field)
    return 2 * defaults["none"] > len(nullable)
