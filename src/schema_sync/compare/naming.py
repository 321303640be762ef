"""Which class stands, or will stand, for each database object."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from schema_sync.mapping.names import ROW_SUFFIX, SHAPE_SUFFIXES, is_snake, own_marks, relation_rank
from schema_sync.model.declarations import TYPEDDICTS, RowDeclaration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schema_sync.compare.binding import Binding, Bindings
    from schema_sync.compare.expected import Expectations
    from schema_sync.model.catalog import QName
    from schema_sync.model.declarations import Codebase, Form, Shape
    from schema_sync.model.pairs import Target

Key = tuple[Literal["enum", "row", "insert", "update"], "QName"]


class Naming:
    """Class names by object: of the class that is bound to it, else of the one that an update would write.

    All new names are chosen at once. Where objects ask for one name, that which is spelled most like it has it,
    and the others get a mark of their own name behind it: no name depends on how many others there are, and a
    name that a class has already stays its own.
    """

    def __init__(self, expectations: Expectations, codebase: Codebase, bindings: Bindings) -> None:
        self._expectations = expectations
        self._names = {path: set(names) for path, names in codebase.names.items()}
        homes = msgspec.structs.astuple(expectations.options.homes)
        self._taken = {name for path in homes for name in self._names.get(path, ())}
        self._bound: dict[Key, Binding] = {}
        for binding in bindings.bound:
            if binding.exists:
                kind = "enum" if binding.kind == "enum" else binding.shape
                self._bound.setdefault((kind, binding.object), binding)
        self._unread = bindings.unread
        self._new: dict[Key, tuple[str, str]] = {}  # path and name
        self._missing: dict[QName, tuple[Shape, ...]] = {}
        for name in expectations.row_names:
            if not expectations.is_excluded(name) and not self._is_unread(name):
                asked = expectations.writes.asked(name)
                self._missing[name] = tuple(shape for shape in asked if (shape, name) not in self._bound)
        for name in sorted((n for n, shapes in self._missing.items() if shapes), key=self._relation_order):
            self._choose_rows(name)
        enums = [name for name in expectations.enum_names if ("enum", name) not in self._bound]
        for name in sorted(enums, key=self._enum_order):
            if not expectations.is_excluded(name, enum=True) and (True, name) not in self._unread:
                target = expectations.enum_target(name)
                chosen = self.reserve(expectations.class_name(target), str(name), target.path)
                self._new["enum", name] = target.path, chosen

    def _is_unread(self, name: QName) -> bool:
        """Whether only a class that is not read stands for the relation *name*."""
        return (False, name) in self._unread and ("row", name) not in self._bound

    def _relation_order(self, name: QName) -> tuple[bool, bool, int, QName]:
        options, composite = self._expectations.options, self._expectations.row_names[name] == "composite"
        return composite, name.schema != options.schemas[0], relation_rank(name.name, options.plurals), name

    def _enum_order(self, name: QName) -> tuple[bool, bool, QName]:
        return name.schema != self._expectations.options.schemas[0], not is_snake(name.name), name

    def _choose_rows(self, name: QName) -> None:
        """Choose the names of the classes that *name* lacks: all after its row class, in the same file."""
        shapes = self._missing[name]
        target = self._expectations.row_target(name)
        path, stem = target.path, self._expectations.class_name(target)
        row = self._bound.get(("row", name))
        if row is not None:
            own = row.declaration.name.rpartition(".")[2]
            path, stem = row.declaration.at.path, own.removesuffix(ROW_SUFFIX) or own
        suffixes = [SHAPE_SUFFIXES[shape] for shape in shapes]
        chosen = self.reserve(stem, str(name), path, suffixes)
        for shape, suffix in zip(shapes, suffixes, strict=True):
            self._new[shape, name] = path, chosen + suffix

    def reserve(self, stem: str, own: str, path: str, suffixes: Iterable[str] = ("",)) -> str:
        """Return *stem*, or with a mark of the exact name *own* behind it, which is free with all *suffixes*.

        With these it is taken from then on, in the file *path* and in all that new classes go to.
        """
        taken = (self._taken, self._names.get(path, set()))
        variants = (stem, *(stem + mark for mark in own_marks(own)))
        chosen = next(each for each in variants if not any(each + s in names for s in suffixes for names in taken))
        self._taken.update(chosen + suffix for suffix in suffixes)
        return chosen

    def missing(self, name: QName) -> tuple[Shape, ...]:
        """Return the shapes of new classes for the relation *name*."""
        return self._missing.get(name, ())

    def new_target(self, target: Target, name: QName, shape: Literal["enum"] | Shape) -> Target:
        """Return *target* with the file and the name of its new class."""
        path, chosen = self._new[shape, name]
        return replace(target, path=path, class_name=chosen)

    def declaration_id(self, name: QName, *, enum: bool = False, form: Form | None = None) -> str | None:
        """Return the id of the class that stands, or will stand, for an object; None if there will be none.

        With *form* only one that fits into such a class: a TypedDict has objects as dicts, a model as instances.
        """
        key: Key = ("enum" if enum else "row", name)
        if key in self._bound:
            declared = self._bound[key].declaration
            is_row = isinstance(declared, RowDeclaration)
            fits = not is_row or form is None or (declared.form in TYPEDDICTS) == (form == "typeddict")
            fits = fits and declared.form != "sqlalchemy"  # which makes its values itself
            return declared.id if fits else None
        path, chosen = self._new.get(key, ("", ""))
        fits = enum or form in {None, self._expectations.options.target}
        return f"{path}:{chosen}" if chosen and fits else None

    @cached_property
    def new_classes(self) -> dict[str, Key]:
        """The objects that an update would write a class for, by its id."""
        return {f"{path}:{chosen}": key for key, (path, chosen) in self._new.items()}
