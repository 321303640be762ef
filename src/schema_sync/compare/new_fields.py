"""How a model or dataclass would declare one more column: name, alias, default and place, in its own manner.

Authority: pydantic's documentation, "Alias" and "Fields"; the Python library reference, "dataclasses" (fields
without a default may not follow ones with it).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.compare.chosen_types import classes_in
from schema_sync.mapping.fields import GENERATORS, field_name, is_field, to_camel, to_snake
from schema_sync.model.declarations import MODELS, Item, PyType, RowDeclaration, Shape, union
from schema_sync.model.edits import AddItem
from schema_sync.model.pairs import ExpectedItem

_NONE = PyType(name="None")


def new_field(
    declared: RowDeclaration, column: ExpectedItem, before: Item | None, plain: bool, shape: Shape
) -> AddItem | None:
    """Return the edit that adds *column* to *declared*, with its place; None where a person has to choose.

    Parameters as in ``named_field``; *before* is the item of the column before it.
    """
    found = named_field(declared, column, plain, shape)
    return _placed(declared, found, before, nullable=column.nullable or found.optional) if found else None


def named_field(declared: RowDeclaration, column: ExpectedItem, plain: bool, shape: Shape) -> AddItem | None:
    """Return the edit that adds *column* to *declared*, without a place; None where the class can have none.

    *plain* says that the class takes values as they come. In a model of *shape* insert or update what may be left
    out has the default None.
    """
    name, alias = column.key, None
    type_ = column.type.of(model=not plain and declared.form in MODELS)
    if declared.form in MODELS:
        name, alias = _name(declared, column.key, type_)
    elif not column.in_class or name in declared.made.names or f"{declared.at.path}:{name}" in classes_in(type_):
        return None
    left_out = declared.form == "pydantic" and not column.demanded(shape)
    nullable = column.nullable or left_out
    return AddItem(
        path=declared.at.path,
        declaration=declared.name,
        key=name,
        type=union(type_, _NONE) if nullable else type_,
        comment=column.comment,
        alias=alias,
        optional=left_out,
    )


def takes_plain(declared: RowDeclaration, pairs: list[tuple[ExpectedItem, Item]]) -> bool:
    """Return whether most columns that could be a richer type (UUID, datetime) are, or must be, plain here."""
    chosen = [
        item.type.without_none == column.type.written or bool(item.field and item.field.strict)
        for column, item in pairs
        if column.type.in_model not in {None, column.type.written}
    ]
    return declared.form not in MODELS or 2 * sum(chosen) > len(chosen)


def heads(type_: PyType) -> Iterator[str]:
    """Yield the names that an annotation of this type may begin with."""
    yield from type_.name.rpartition(":")[2].split(".")
    for arg in type_.args:
        yield from heads(arg)
    if type_.admits_none:
        yield from ("None", "Optional", "Union")


def _name(declared: RowDeclaration, key: str, type_: PyType) -> tuple[str, str | None]:
    """Return the name of the field for *key*, and the alias that it needs."""
    taken = {*heads(type_), *declared.made.names, *(item.name for item in declared.items)}
    taken.update(head for item in declared.items for head in heads(item.type))
    generate = GENERATORS.get(declared.aliases)
    names = [field_name(key, taken)]
    aliased = [item for item in declared.items if item.field and item.key != item.name]
    if generate is not None:
        names.insert(0, to_snake(key))
    elif aliased and all(item.name == to_camel(item.key) for item in aliased):
        names.insert(0, to_camel(key))
    name = next(name for name in names if is_field(name) and name not in taken)
    read = {generate(name) if generate else name, *([name] if declared.by_name else [])}
    return name, None if key in read else key


def _placed(declared: RowDeclaration, found: AddItem, before: Item | None, *, nullable: bool) -> AddItem | None:
    """Return *found* with its default and its place; None where a person has to choose.

    No call that scanned code spells out may lack the field, and none may mean another by position: a field follows
    the positional parameters, or is a keyword-only one.
    """
    made = declared.made
    if made.called and not nullable:
        return None  # every such call would fail
    given = [item for item in declared.items if item.field is None or not item.field.aside]
    defaults = made.defaulted or any(not item.required for item in given)
    with_none = [
        item.field is not None and item.field.default == "none" for item in declared.items if item.type.admits_none
    ]
    usual = 2 * sum(with_none) > len(with_none)  # most fields that admit None have the default None
    optional = found.optional or (nullable and (defaults or made.called or usual))
    own = [item for item in declared.items if not item.inherited]
    if declared.form == "pydantic":
        return replace(found, optional=optional, after=before.name if before else None)
    if made.keyword:
        return replace(found, optional=optional, after=own[-1].name if own else None)
    keyword = made.extended or (made.defaulted and not nullable) or declared.form == "pydantic_dataclass"
    return replace(found, optional=optional, keyword=keyword, after=made.last or None)
