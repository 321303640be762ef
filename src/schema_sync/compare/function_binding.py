"""Binding of functions: markers alone state which class or alias is for a function's arguments, rows or result.

Authority: PostgREST, "Functions as RPC": functions are called by the names of their arguments; procedures are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Literal

from msgspec.structs import replace

from schema_sync.compare.markers import FunctionMarker, function_marker, spelled, type_list
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.mapping.types import sql_name
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Facet, Function, QName, TypeRef
from schema_sync.model.declarations import Codebase, Declared, ResultDeclaration, RowDeclaration, Unread
from schema_sync.model.findings import Binding, Note

Part = Literal["arguments", "rows", "result"]
_QUOTED_CHAR = TypeRef(name=QName(schema="pg_catalog", name="char"))


class FunctionBindings(Value, frozen=True, kw_only=True):
    """The functions that code can call, what declares those or ``gone`` ones, and what was not looked at.

    ``unread`` holds the ids of classes of kinds that are not read, by the function and the part that they are for.
    """

    callable: tuple[Function, ...] = ()
    bound: tuple[Binding, ...] = ()
    gone: tuple[Binding, ...] = ()
    unread: Mapping[tuple[QName, Part], str] = MappingProxyType({})
    notes: tuple[Note, ...] = ()


def with_functions(catalog: Catalog, patterns: Sequence[str]) -> Catalog:
    """Return *catalog* with those functions alone whose name or schema.name one of *patterns* matches."""
    kept = tuple(f for f in catalog.functions if _is_wanted(f.name, patterns))
    return catalog if len(kept) == len(catalog.functions) else replace(catalog, functions=kept)


def _is_wanted(name: QName, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.name, p) or fnmatchcase(str(name), p) for p in patterns)


def signature(function: Function) -> str:
    """Return the types of the input arguments as a marker names them."""
    return ", ".join(_spelled_type(argument.type) for argument in function.inputs)


def identity(function: Function) -> QName:
    """Return what tells a function from others of its name: the name with the types of its arguments."""
    return QName(schema=function.name.schema, name=f"{function.name.name}({signature(function)})")


def part_of(binding: Binding) -> Part:
    """Return which part of a function a class or alias is for."""
    if isinstance(binding.declaration, ResultDeclaration):
        return "result"
    return "arguments" if binding.shape == "insert" else "rows"


def _spelled_type(ref: TypeRef) -> str:
    bare = replace(ref, modifier=None, dims=0)
    if bare == _QUOTED_CHAR:
        name = '"char"'  # a type of its own, not char
    else:
        name = sql_name(bare) if ref.name.schema == "pg_catalog" else spelled(ref.name)
    return name + "[]" * ref.dims


def bind_functions(objects: DatabaseObjects, codebase: Codebase) -> FunctionBindings:
    """Bind every class and alias that says to map to a function, if functions are looked at."""
    marked = list(_marked(codebase))
    if not objects.options.functions:
        why = "functions are not configured to be looked at"
        return FunctionBindings(notes=tuple(_note(declared, why) for declared, _ in marked))
    if Facet.FUNCTIONS not in objects.catalog.covers:
        return FunctionBindings(notes=(Note(what="functions", why="the source does not show them"),))
    return _Binder(objects).bind(marked, codebase.unread)


def _marked(codebase: Codebase) -> Iterator[tuple[Declared, FunctionMarker]]:
    unread = {each.id for each in codebase.unread}
    results = (result for result in codebase.results if result.id not in unread)
    readable: tuple[RowDeclaration | ResultDeclaration, ...] = (*codebase.rows, *results)
    for declared in readable:
        comments = declared.comments if isinstance(declared, RowDeclaration) else ()
        found = function_marker(declared.doc, comments)
        if found is not None:
            yield declared, found


def _note(declared: Declared, why: str) -> Note:
    return Note(what=f"{declared.at}: {declared.name}", why=why)


class _Binder:
    def __init__(self, objects: DatabaseObjects) -> None:
        self._options = objects.options
        self._by_name: dict[QName, list[Function]] = defaultdict(list)
        for function in objects.catalog.functions:
            self._by_name[function.name].append(function)
        self._bound: dict[QName, list[Binding]] = defaultdict(list)
        self._notes: list[Note] = []

    def bind(self, marked: list[tuple[Declared, FunctionMarker]], others: Sequence[Unread]) -> FunctionBindings:
        """Bind by name and argument types; where these are those of no function, by a name that only one has."""
        stale: list[tuple[Binding, bool]] = []
        for declared, found in marked:
            name = self._located(found)
            if name.schema not in self._options.schemas or not _is_wanted(name, self._options.functions):
                self._notes.append(_note(declared, f"{name} is not among the functions that are looked at"))
                continue
            of_result = found.of_result or isinstance(declared, ResultDeclaration)
            binding = Binding(
                declaration=declared,
                object=name,
                kind="function",
                exists=False,
                how="marker",
                shape="row" if of_result else "insert",
            )
            exact = self._exact(name, found.types)
            if exact is not None:
                self._bind(binding, exact)
            else:
                stale.append((binding, found.is_bare))
        gone = [binding for binding, is_bare in stale if not self._is_bound_by_name(binding, is_bare=is_bare)]
        unread = dict(part for each in others for part in self._unread(each))
        functions = [function for same in self._by_name.values() for function in same]
        return FunctionBindings(
            callable=tuple(function for function in functions if self._is_callable(function)),
            bound=tuple(binding for of_one in self._bound.values() for binding in of_one),
            gone=tuple(gone),
            unread=unread,
            notes=tuple(self._notes),
        )

    def _exact(self, name: QName, types: str | None) -> Function | None:
        return next((f for f in self._by_name.get(name, ()) if type_list(signature(f)) == types), None)

    def _unread(self, other: Unread) -> Iterator[tuple[tuple[QName, Part], str]]:
        """Yield the part of a function that a class of a kind that is not read is for, if any, with a note."""
        found = function_marker(other.doc, other.comments)
        if found is None:
            return
        name = self._located(found)
        same = self._by_name.get(name, [])
        function = self._exact(name, found.types) or (same[0] if len(same) == 1 else None)
        if function is not None:
            part: Part = "arguments" if not found.of_result else "rows" if function.outputs else "result"
            what = f"{other.at}: {other.name}, which a marker binds to {identity(function)}"
            self._notes.append(Note(what=what, why=other.why))
            yield (identity(function), part), other.id

    def _bind(self, binding: Binding, function: Function) -> None:
        object_ = identity(function)
        self._bound[object_].append(replace(binding, object=object_, exists=True))

    def _is_bound_by_name(self, binding: Binding, *, is_bare: bool) -> bool:
        """Bind by the name alone; whether that settles it, else what *binding* names is gone."""
        same = self._by_name.get(binding.object, [])
        if not same and is_bare:
            name = binding.object.name
            why = f"it says to map to a function {name}, which there is not; with its schema it counts"
            self._notes.append(_note(binding.declaration, why))
            return True
        if len(same) != 1 or any(part_of(b) == part_of(binding) for b in self._bound[identity(same[0])]):
            return False
        self._bind(binding, same[0])
        return True

    def _located(self, found: FunctionMarker) -> QName:
        schemas = [found.schema] if found.schema else self._options.schemas
        names = [QName(schema=schema, name=found.name) for schema in schemas]
        return next((name for name in names if name in self._by_name), names[0])

    def _is_callable(self, function: Function) -> bool:
        if all(argument.name for argument in function.inputs):
            return True
        why = "it has an argument without a name, and calls go by names"
        self._notes.append(Note(what=f"function {spelled(function.name)}({signature(function)})", why=why))
        return False
