"""Binding: which class stands for which database object.

In this order: the configuration, a marker in the class, its docstring, its name; the report says which one
decided. A tie between names is an error, unless the last sync's lock settles it. A model or dataclass is an
application's own unless the configuration, a marker or the lock binds it, or a name that ends in ``Row`` fits.
"""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from schema_sync.compare.expected import spelled
from schema_sync.compare.markers import Marker, function_marker, marker, mentioned_tables, parse_object
from schema_sync.errors import BindingError, ConfigError
from schema_sync.mapping import names
from schema_sync.model.base import Value
from schema_sync.model.catalog import QName
from schema_sync.model.declarations import TYPEDDICTS, Declaration, EnumDeclaration, RowDeclaration, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from schema_sync.compare.expected import Expectations
    from schema_sync.model.declarations import Codebase

How = Literal["config", "marker", "docstring", "name", "lock"]
_MOST_COMPARED = 20_000  # names, to find those that are spelled alike
_MOST_ADVISED = 20  # configured names without a class that a name spelled alike is looked for
_UNPREFIXED = 3  # how far the bare name of an object outside the first schema stands behind


class Binding(Value, frozen=True, kw_only=True):
    """A class and its object; ``exists`` is False where the object is not in the database."""

    declaration: Declaration
    object: QName
    kind: str
    exists: bool
    how: How
    shape: Shape = "row"
    hint: str = ""


class Bindings(Value, frozen=True, kw_only=True):
    """All bindings, sorted by place, and the classes that stand for nothing in the database.

    ``outside`` are classes that say to stand for an object of a schema which is not compared: unseen, not gone.
    ``unused`` are configured names that no class has, each with why: a class may have been pruned.
    """

    bound: tuple[Binding, ...] = ()
    unmatched: tuple[Declaration, ...] = ()
    outside: tuple[tuple[Declaration, QName], ...] = ()
    unused: tuple[tuple[str, str], ...] = ()


def bind(expectations: Expectations, codebase: Codebase, locked: Mapping[str, str]) -> Bindings:
    """Bind every declaration of *codebase*; *locked* is declaration id → object at the last sync.

    Raises:
        BindingError: if a name fits two objects equally well.
        ConfigError: if the configuration binds a class to what is no object's name.
    """
    return _Binder(expectations, codebase, locked).bind()


class _Binder:
    def __init__(self, expectations: Expectations, codebase: Codebase, locked: Mapping[str, str]) -> None:
        self._expectations = expectations
        self._options = expectations.options
        self._codebase = codebase
        self._locked = locked
        self._unused: list[tuple[str, str]] = []
        self._configured = self._from_configuration()
        self._relation_index: dict[str, list[tuple[int, QName]]] | None = None
        self._enum_index: dict[str, list[tuple[int, QName]]] | None = None
        self._taken: set[QName] = set()
        self._compared = 0

    def bind(self) -> Bindings:
        declarations: list[Declaration] = [*self._codebase.enums, *self._codebase.rows]
        declarations.sort(key=lambda d: d.at)
        bound: list[Binding] = []
        unmatched: list[Declaration] = []
        outside: list[tuple[Declaration, QName]] = []
        for declaration in declarations:
            if function_marker(declaration.doc, declaration.comments) is not None:
                continue  # compare.functions sees to it
            binding = self._bind(declaration)
            if binding is None:
                if not _is_model(declaration):
                    unmatched.append(declaration)
            elif not binding.exists and binding.object.schema not in self._options.schemas:
                outside.append((declaration, binding.object))
            else:
                bound.append(binding)
        self._taken = {b.object for b in bound if b.exists}
        hinted = tuple(map(self._hinted, bound))
        return Bindings(
            bound=hinted, unmatched=tuple(unmatched), outside=tuple(outside), unused=tuple(self._unused)
        )

    def _bind(self, declaration: Declaration) -> Binding | None:
        for how, found in self._stated(declaration):
            name = self._locate(declaration, found)
            if name is not None:
                return self._binding(declaration, name, how)
            if how != "docstring":
                missing = QName(schema=found.schema or self._options.schemas[0], name=found.name)
                return self._binding(declaration, missing, how, kind=found.kind)
        if _is_model(declaration) and not declaration.name.endswith(names.ROW_SUFFIX):
            return self._remembered(declaration)
        name = self._by_name(declaration)
        if name is not None:
            return self._binding(declaration, name, "name")
        return self._gone(declaration)

    def _stated(self, declaration: Declaration) -> Iterator[tuple[How, Marker]]:
        if declaration.id in self._configured:
            yield "config", self._configured[declaration.id]
        found = marker(declaration)
        if found is not None:
            yield "marker", found
        if isinstance(declaration, RowDeclaration) and not _is_model(declaration):
            mentioned = {self._locate(declaration, m): m for m in mentioned_tables(declaration)}
            mentioned.pop(None, None)
            if len(mentioned) == 1:
                yield "docstring", next(iter(mentioned.values()))

    def _gone(self, declaration: Declaration) -> Binding | None:
        """Return a binding to what is not in the database (any more), None for an application's own class."""
        remembered = self._remembered(declaration)
        if remembered or _is_model(declaration):
            return remembered
        if isinstance(declaration, RowDeclaration) and declaration.name.endswith(names.ROW_SUFFIX):
            guess = names.first_guess(declaration.name.rpartition(".")[2])
            return self._binding(declaration, QName(schema=self._options.schemas[0], name=guess), "name")
        return None

    def _remembered(self, declaration: Declaration) -> Binding | None:
        """Return the binding that the last sync's lock has."""
        locked = parse_object(self._locked.get(declaration.id, ""))
        if locked is None or locked.schema is None:
            return None
        return self._binding(declaration, QName(schema=locked.schema, name=locked.name), "lock")

    def _binding(self, declaration: Declaration, name: QName, how: How, *, kind: str | None = None) -> Binding:
        if isinstance(declaration, EnumDeclaration):
            exists, kind = name in self._expectations.catalog.enums_by_name, "enum"
        else:
            exists = name in self._expectations.row_names
            kind = self._expectations.row_names.get(name) or (kind if kind in {"view", "composite"} else "table")
        shape: Shape = "row"
        if isinstance(declaration, RowDeclaration) and kind != "composite":
            shape = names.row_class_shape(declaration.name, name.name, self._options.plurals)
        return Binding(declaration=declaration, object=name, kind=kind, exists=exists, how=how, shape=shape)

    # ---- stated names

    def _from_configuration(self) -> dict[str, Marker]:
        by_name: dict[str, list[str]] = defaultdict(list)
        for declared in self._codebase.by_id:
            by_name[declared.rpartition(":")[2]].append(declared)
        found: dict[str, Marker] = {}
        for class_name, text in self._options.bindings.items():
            stated = parse_object(text)
            if stated is None:
                raise ConfigError(f"bindings.{class_name}: {text!r} is no object; write schema.name as in SQL")
            ids = [class_name] if class_name in self._codebase.by_id else by_name.get(class_name, [])
            if not ids:
                close = get_close_matches(class_name, by_name, n=1) if len(self._unused) < _MOST_ADVISED else ()
                advice = f"did you mean {close[0]}?" if close else "remove the line, or widen include"
                self._unused.append((class_name, f"no such class in the scanned files; {advice}"))
            found.update(dict.fromkeys(ids, stated))
        return found

    def _locate(self, declaration: Declaration, stated: Marker) -> QName | None:
        existing: Iterable[QName] = (
            self._expectations.catalog.enums_by_name
            if isinstance(declaration, EnumDeclaration)
            else self._expectations.row_names
        )
        schemas = [stated.schema] if stated.schema else self._options.schemas
        candidates = (QName(schema=schema, name=stated.name) for schema in schemas)
        return next((name for name in candidates if name in existing), None)

    # ---- names

    def _by_name(self, declaration: Declaration) -> QName | None:
        own = declaration.name.rpartition(".")[2]
        if isinstance(declaration, EnumDeclaration):
            index, keys = self._enums(), names.enum_class_keys(own)
        else:
            index, keys = self._relations(), names.row_class_keys(own)
        hits = [(rank + other, name) for rank, key in keys for other, name in index.get(key, ())]
        if not hits:
            return None
        best = min(rank for rank, _ in hits)
        found = sorted({name for rank, name in hits if rank == best})
        locked = self._locked.get(declaration.id)
        settled = [name for name in found if len(found) == 1 or spelled(name) == locked]
        if not settled:
            raise BindingError(
                f"{declaration.at}: {declaration.name} could stand for {found[0]} or {found[1]}",
                hint=f"Settle it in the configuration: [bindings] {declaration.name} = '{spelled(found[0])}'",
            )
        return settled[0]

    def _relations(self) -> dict[str, list[tuple[int, QName]]]:
        if self._relation_index is None:
            plurals, composites = self._options.plurals, self._expectations.catalog.composites_by_name
            self._relation_index = self._index(
                (rank + _UNPREFIXED * (name in composites), key, name)
                for name in self._expectations.row_names
                for rank, key in names.relation_keys(name.name, plurals)
            )
        return self._relation_index

    def _enums(self) -> dict[str, list[tuple[int, QName]]]:
        if self._enum_index is None:
            self._enum_index = self._index(
                (rank, key, name)
                for name in self._expectations.enum_names
                for rank, key in names.enum_keys(name.name, self._options.plurals)
            )
        return self._enum_index

    def _index(self, entries: Iterable[tuple[int, str, QName]]) -> dict[str, list[tuple[int, QName]]]:
        index: dict[str, list[tuple[int, QName]]] = defaultdict(list)
        first = self._options.schemas[0]
        for rank, key, name in entries:
            behind = 0 if name.schema == first else _UNPREFIXED
            index[key].append((rank + behind, name))
            index[names.folded(name.schema) + key].append((rank + _UNPREFIXED - behind, name))
        return index

    # ---- advice

    @cached_property
    def _free(self) -> dict[str, str]:
        """The relations that nothing declares: how SQL spells them, by their bare names."""
        kinds = self._expectations.row_names
        return {n.name: spelled(n) for n, kind in kinds.items() if n not in self._taken and kind != "composite"}

    def _hinted(self, binding: Binding) -> Binding:
        """Add to a doubtful removal how to settle it, with the nearest object that nothing declares.

        To find the nearest takes as long as there are objects: of many removals only the first get one.
        """
        if binding.exists or binding.how != "name":
            return binding
        near: list[str] = []
        if self._compared < _MOST_COMPARED:
            self._compared += len(self._free)
            near += get_close_matches(binding.object.name, self._free, n=1, cutoff=0.5)
            near += [name for name in self._free if name.startswith(binding.object.name.rstrip("s"))]
        example = self._free[near[0]] if near else f"{binding.object.schema}.…"
        hint = f"If it stands for another table, say so: [bindings] {binding.declaration.name} = '{example}'"
        return replace(binding, hint=hint)


def _is_model(declaration: Declaration) -> bool:
    """Whether a class is a model or dataclass, which far more often than not stands for no table."""
    return isinstance(declaration, RowDeclaration) and declaration.form not in TYPEDDICTS
