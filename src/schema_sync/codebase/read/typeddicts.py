"""TypedDict definitions → RowDeclaration.

Authority: the typing specification, "TypedDict"; PEP 589 (both forms, inheritance, totality), PEP 655
(Required, NotRequired), PEP 705 (ReadOnly) and PEP 728 (closed, extra_items).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.codebase.read.annotations import Annotations
from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.scope import Definition
from schema_sync.codebase.syntax import argument_of, constant
from schema_sync.model.declarations import Item, Placed, PlainItems, RowDeclaration
from schema_sync.model.graph import needed_first

_CLASS_KEYWORDS = frozenset({"total", "closed", "extra_items"})


class Rows:
    """Reads the TypedDicts of a program; the items of each class once."""

    def __init__(self, kinds: Kinds, annotations: Annotations) -> None:
        self._kinds = kinds
        self._annotations = annotations
        self._items: dict[Definition, tuple[Item, ...]] = {}

    def declaration(self, definition: Definition) -> RowDeclaration:
        """Return the declaration in *definition*, which is a TypedDict in class or in functional form."""
        items = self.items(definition)
        plain = PlainItems.of(items, Placed(name=definition.name, at=definition.at))
        return RowDeclaration(
            name=definition.name,
            form="class" if isinstance(definition.node, ast.ClassDef) else "functional",
            plain=plain,
            others=() if plain else items,
            total=is_total(definition),
            doc=definition.doc,
            comments=definition.comments,
            at=definition.at,
        )

    def items(self, definition: Definition) -> tuple[Item, ...]:
        """Return the items: inherited ones first, then own ones, which replace inherited ones of their key."""
        for each in needed_first(definition, self._typeddicts, self._items):
            found: dict[str, Item] = {}
            for base in self._typeddicts(each):  # a class that inherits from itself has no more
                for item in self._items.get(base, ()):
                    found[item.key] = item if item.inherited else replace(item, inherited=True)
            for item in self._own(each):
                found.pop(item.key, None)
                found[item.key] = item
            self._items[each] = tuple(found.values())
        return self._items[definition]

    def _typeddicts(self, definition: Definition) -> Iterator[Definition]:
        bases = self._kinds.definitions(definition)
        return (base for base in bases if self._kinds.kind(base) in {"typeddict", "functional"})

    def _own(self, definition: Definition) -> Iterator[Item]:
        module = definition.module
        total = is_total(definition)
        for key, place, node in _annotated(definition):
            annotation = self._annotations.item(node, module)
            qualifier = annotation.qualifier
            yield Item(
                key=key,
                type=annotation.type,
                required=total if qualifier is None else qualifier == "required",
                qualifier=qualifier,
                owner=definition.name,
                alias=annotation.alias,
                comments=module.file.comments_above(place.lineno, place.col_offset),
                at=module.file.at(place),
            )


def _annotated(definition: Definition) -> Iterator[tuple[str, ast.expr | ast.keyword, ast.expr]]:
    """Yield key, place and annotation of the items that a TypedDict declares itself."""
    if isinstance(definition.node, ast.ClassDef):
        for statement in definition.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                yield statement.target.id, statement.target, statement.annotation
        return
    call = definition.value
    fields = call.args[1] if isinstance(call, ast.Call) and len(call.args) > 1 else None
    keywords = call.keywords if isinstance(call, ast.Call) and fields is None else []
    pairs = zip(fields.keys, fields.values, strict=True) if isinstance(fields, ast.Dict) else ()
    yield from ((str(key.value), key, value) for key, value in pairs if isinstance(key, ast.Constant))
    yield from ((k.arg, k, k.value) for k in keywords if k.arg and k.arg not in _CLASS_KEYWORDS)


def is_total(definition: Definition) -> bool:
    """Whether items are required unless they say otherwise; anything but a plain ``False`` is the default."""
    node = definition.node if isinstance(definition.node, ast.ClassDef) else definition.value
    return constant(argument_of(node, "total")) is not False
