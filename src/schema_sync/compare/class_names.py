"""The names of the classes that map, or will map, to each database object."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from itertools import chain
from typing import Literal

from msgspec.structs import replace

from schema_sync.compare.binding import Bindings
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.compare.write_shapes import asked
from schema_sync.mapping import names
from schema_sync.model.base import Value
from schema_sync.model.catalog import QName
from schema_sync.model.declarations import (
    TYPEDDICTS,
    Codebase,
    Declaration,
    Form,
    ResultDeclaration,
    RowDeclaration,
    Shape,
)
from schema_sync.model.options import Options
from schema_sync.model.pairs import Target

Key = tuple[Literal["enum", "partial"] | Shape, QName]
_SHAPES: tuple[Shape, ...] = ("row", "insert", "update")


class ClassNames(Value, frozen=True, kw_only=True, dict=True):
    """Class names by object: of the class that is bound to it, else of the one that an update would write.

    Attributes:
        form: what new row classes are made of.
        bound: the first class of each object and shape.
        new: the file and the name of each class that an update would write.
        taken: all names in the files that new classes go to, the new ones included.
    """

    form: Form
    bound: Mapping[Key, Declaration]
    new: Mapping[Key, tuple[str, str]]
    taken: frozenset[str]

    def missing(self, name: QName) -> tuple[Shape, ...]:
        """Return the shapes of new classes for the relation *name*."""
        return tuple(shape for shape in _SHAPES if (shape, name) in self.new) if self.new else ()

    def new_target(self, target: Target, name: QName, shape: Literal["enum"] | Shape) -> Target:
        """Return *target* with the file and the name of its new class."""
        path, chosen = self.new[shape, name]
        return replace(target, path=path, class_name=chosen)

    def declaration_id(self, name: QName, enum: bool = False, form: Form | None = None) -> str | None:
        """Return the id of the class that maps, or will map, to an object; None if there will be none.

        With *form* only one that fits into such a class: a TypedDict has objects as dicts, a model as instances.
        """
        key: Key = ("enum" if enum else "row", name)
        declared = self.bound.get(key)
        if declared is not None:
            is_row = isinstance(declared, RowDeclaration)
            fits = not is_row or form is None or (declared.form in TYPEDDICTS) == (form == "typeddict")
            fits = fits and declared.form != "sqlalchemy"  # which makes its values itself
            return declared.id if fits else None
        path, chosen = self.new.get(key, ("", ""))
        fits = enum or form in {None, self.form}
        return f"{path}:{chosen}" if chosen and fits else None

    @cached_property
    def new_classes(self) -> dict[str, Key]:
        """The objects that an update would write a class for, by its id."""
        return {f"{path}:{chosen}": key for key, (path, chosen) in self.new.items()}


def class_names(objects: DatabaseObjects, codebase: Codebase, bindings: Bindings) -> ClassNames:
    """Return the names of all classes; those of new ones are chosen at once.

    Where objects ask for one name, that which is spelled most like it has it, and the others get a mark of their
    own name behind it: no name depends on how many others there are, and a name that a class has already stays
    its own.
    """
    bound: dict[Key, Declaration] = {}
    for binding in bindings.bound:
        if binding.exists and not isinstance(binding.declaration, ResultDeclaration):
            part: Literal["enum", "partial"] | Shape = "partial" if binding.partial else binding.shape
            key: Key = ("enum" if binding.kind == "enum" else part, binding.object)
            bound.setdefault(key, binding.declaration)
    options, named = objects.options, {path: set(found) for path, found in codebase.names.items()}
    taken = {name for path in options.paths.code for name in named.get(path, ())}
    new: dict[Key, tuple[str, str]] = {}
    for name, shapes in _lacking(objects, bound, bindings.unread):
        path, stem = objects.row_target(name).path, names.row_class_stem(name.name, options.plurals)
        stem = prefixed(stem, name, options)
        row = bound.get(("row", name))
        if row is not None:  # all go after its row class, in the same file
            own = row.name.rpartition(".")[2]
            path, stem = row.at.path, own.removesuffix(names.ROW_SUFFIX) or own
        suffixes = [names.SHAPE_SUFFIXES[shape] for shape in shapes]
        chosen = reserve(stem, str(name), taken, named.get(path, ()), suffixes)
        new |= {(shape, name): (path, chosen + suffix) for shape, suffix in zip(shapes, suffixes, strict=True)}
    enums = [n for n in objects.enum_names if ("enum", n) not in bound and (True, n) not in bindings.unread]
    for name in sorted(enums, key=lambda n: (n.schema != options.schemas[0], not names.is_snake(n.name), n)):
        if not objects.is_excluded(name, enum=True):
            stem = prefixed(names.enum_class_name(name.name), name, options)
            new["enum", name] = options.paths.enums, reserve(stem, str(name), taken)
    return ClassNames(form=options.target, bound=bound, new=new, taken=frozenset(taken))


def _lacking(
    objects: DatabaseObjects, bound: Mapping[Key, Declaration], unread: frozenset[tuple[bool, QName]]
) -> list[tuple[QName, list[Shape]]]:
    """Return the relations that lack classes, with the shapes of these, in the order in which names are chosen."""
    kinds, first, plurals = objects.row_kinds, objects.options.schemas[0], objects.options.plurals
    lacking: dict[QName, list[Shape]] = {}
    for name in kinds:
        if not objects.is_excluded(name) and ((False, name) not in unread or ("row", name) in bound):
            lacking[name] = [shape for shape in asked(objects, name) if (shape, name) not in bound]
    order = [name for name, shapes in lacking.items() if shapes]
    order.sort(key=lambda n: (kinds[n] == "composite", n.schema != first, names.relation_rank(n.name, plurals), n))
    return [(name, lacking[name]) for name in order]


def prefixed(stem: str, name: QName, options: Options) -> str:
    """Return *stem* with the schema of *name* in front, unless that is the first schema."""
    return stem if name.schema == options.schemas[0] else names.prefixed(name.schema, stem)


def reserve(
    stem: str, own: str, taken: set[str], elsewhere: Collection[str] = (), suffixes: Collection[str] = ("",)
) -> str:
    """Return *stem*, or with a mark of the exact name *own* behind it, that is free with all *suffixes*.

    With these it is added to *taken*; names *elsewhere* are not free either.
    """
    variants = chain((stem,), (stem + mark for mark in names.own_marks(own)))
    chosen = next(v for v in variants if not any(v + s in found for s in suffixes for found in (taken, elsewhere)))
    taken.update(chosen + suffix for suffix in suffixes)
    return chosen
