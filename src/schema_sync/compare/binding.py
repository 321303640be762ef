"""Binding: which class maps to which database object.

In this order: the configuration, a marker in the class, the table that a SQLAlchemy class maps, its docstring,
its name, the columns that an Enum annotates, the last sync; the report says which one decided. A tie between names
is an error, unless the last sync's lock settles it. A model or dataclass is an application's own unless the
configuration, a marker, its docstring or the lock binds it, or a name with a suffix of those for tables
(``mapping.names``) fits and most of its fields are the table's columns. Of API models only what they declare is
judged (partial), unless the configuration or a marker binds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec.structs import replace

from schema_sync.compare.annotated import annotated_types
from schema_sync.compare.configured import read_configured
from schema_sync.compare.markers import (
    Marker,
    function_marker,
    markers,
    mentioned_tables,
    parse_object,
    spelled,
    written_markers,
)
from schema_sync.compare.object_names import ObjectNames, best
from schema_sync.compare.objects import DatabaseObjects
from schema_sync.errors import BindingError, ConfigError
from schema_sync.mapping import names
from schema_sync.model.base import Value
from schema_sync.model.catalog import LeftOut, ObjectKind, QName
from schema_sync.model.declarations import (
    TYPEDDICTS,
    BoundShape,
    Codebase,
    Declaration,
    Declared,
    EnumDeclaration,
    RowDeclaration,
    Unread,
)
from schema_sync.model.findings import Binding, How, Note
from schema_sync.nearest import nearest

_BINDS = {
    "config": "the configuration binds",
    "marker": "a marker binds",
    "name": "its name binds",
    "lock": "the last sync bound",
}
_KINDS_OF_ENUMS = frozenset({"enum", "composite", None})  # ``Type:`` may be said of an enum type too
_KINDS_OF_ROWS = frozenset({"table", "view", "composite", None})
_LEFT_OUT = {
    "partition": "a partition, whose rows are those of its parent",
    "extension": "it belongs to an extension",
}
_MOST_COMPARED = 20_000  # names, to find those that are spelled alike
LEAST_SHARED, _LEAST_PER_CENT = 4, 60  # fields of a model that are columns of the table that its name fits


class Bindings(Value, frozen=True, kw_only=True):
    """All bindings, sorted by place, and the classes that map to nothing in the database.

    ``unread`` are the objects (True for enum types) of which a class that is not read says to map to them.
    ``left_out`` are those that a class maps to although they are not compared.
    ``models`` are the models and dataclasses that map to nothing.
    ``notes`` tell of these, of classes whose object is left out on purpose, of markers that name nothing, and of
    configured names that no class has: a class may have been pruned.
    """

    bound: tuple[Binding, ...] = ()
    unmatched: tuple[Declaration, ...] = ()
    unread: frozenset[tuple[bool, QName]] = frozenset()
    left_out: frozenset[LeftOut] = frozenset()
    models: tuple[RowDeclaration, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def unbound_rows(self) -> tuple[RowDeclaration, ...]:
        """The row classes that map to nothing, those of SQLAlchemy left out."""
        return (*(d for d in self.unmatched if isinstance(d, RowDeclaration)), *self.models)


def bind(objects: DatabaseObjects, codebase: Codebase, locked: Mapping[str, str]) -> Bindings:
    """Bind every declaration of *codebase*; *locked* is declaration id → object at the last sync.

    Raises:
        BindingError: if a name fits two objects equally well.
        ConfigError: if the configuration binds a class to what is not an object's name.
    """
    return _Binder(objects, codebase, locked).bind()


class _Binder:
    def __init__(self, objects: DatabaseObjects, codebase: Codebase, locked: Mapping[str, str]) -> None:
        self._objects = objects
        self._options = objects.options
        self._codebase = codebase
        self._locked = locked
        configured = read_configured(objects.options, codebase)
        self._configured, self._unbound = configured.bindings, configured.unbound
        self._notes = [*configured.notes]
        self._left_out: set[LeftOut] = set()
        self._doubtful: set[str] = set()  # ids of classes with a marker that may be prose
        self._names = ObjectNames(objects)
        self._written = {True: written_markers(objects.enums), False: written_markers(objects.row_kinds)}
        self._kept: list[Binding] = []
        self._compared = 0

    def bind(self) -> Bindings:
        declarations: list[Declaration] = [*self._codebase.enums, *self._codebase.rows]
        declarations.sort(key=lambda d: d.at)
        written = ((d, self._as_written(d)) for d in declarations)
        found = [(d, b or self._bind(d)) for d, b in written if b or not self._is_of_function(d)]
        bound = [binding for _, binding in found if binding is not None]
        unmatched = [declaration for declaration, binding in found if binding is None]
        bound += self._bind_by_annotations(unmatched, [b for b in bound if b.exists])
        self._kept = kept = [binding for binding in bound if not self._is_left_out(binding)]
        unread = frozenset(each for found in map(self._unread, self._codebase.unread) for each in found)
        settled = {binding.declaration.id for binding in bound} if unmatched else set[str]()
        unmatched = [declaration for declaration in unmatched if declaration.id not in settled]
        return Bindings(
            bound=tuple(self._hinted(b) for b in sorted(kept, key=lambda b: b.declaration.at)),
            unmatched=tuple(d for d in unmatched if not _is_model(d)),
            models=tuple(
                d for d in unmatched if isinstance(d, RowDeclaration) and _is_model(d) and d.form != "sqlalchemy"
            ),
            unread=unread,
            left_out=frozenset(self._left_out),
            notes=tuple(self._notes),
        )

    def _is_of_function(self, declaration: Declaration) -> bool:
        """Whether a class says to map to a function; ``compare.function_binding`` sees to it."""
        if not declaration.doc and not declaration.comments:
            return False
        found = function_marker(declaration.doc, declaration.comments)
        if found is None:
            return False
        if not found.is_bare or any(found.name == f.name.name for f in self._objects.catalog.functions):
            return True
        self._doubtful.add(declaration.id)
        return False

    def _bind_by_annotations(self, unmatched: list[Declaration], bound: list[Binding]) -> Iterator[Binding]:
        """Yield further bindings of Enums that nothing, or the last sync, has bound: it remembers one for each."""
        remembered = [binding for binding in bound if binding.how == "lock"]
        candidates = [*unmatched, *(binding.declaration for binding in remembered)]
        free = {d.id: d for d in candidates if isinstance(d, EnumDeclaration) and d.id not in self._unbound}
        known = {(binding.declaration.id, binding.object) for binding in remembered}
        pairs = bound if free else ()
        rows = [(b.declaration, b.object) for b in pairs if isinstance(b.declaration, RowDeclaration)]
        for id_, types in annotated_types(rows, free, self._objects.catalog).items():
            yield from (self._binding(free[id_], n, "annotation") for n in types if (id_, n) not in known)

    def _is_left_out(self, binding: Binding) -> bool:
        """Whether the object of *binding* is unseen on purpose, not gone; a note says so, and of excluded ones."""
        declared, name, left_out = binding.declaration, binding.object, self._objects.catalog.left_out_by_name
        is_enum = binding.kind == "enum"
        if not binding.exists and (name in left_out or name.schema not in self._options.schemas):
            why = f"schema {name.schema} is not among those compared"
            if name in left_out:
                why = _LEFT_OUT[left_out[name].why]
                self._left_out.add(left_out[name])
            self._note(declared, f"maps to {name}", why)
            return True
        if self._objects.is_excluded(name, enum=is_enum):
            option = "exclude-enums" if is_enum else "exclude-tables"
            self._note(declared, f"maps to {name}", f"{option} leaves it out")
        return False

    def _note(self, declared: Declared | Unread, which: str, why: str) -> None:
        self._notes.append(Note(what=f"{declared.at}: {declared.name}, which {which}", why=why))

    def _as_written(self, declaration: Declaration) -> Binding | None:
        """Return the binding of a class that says nothing but a marker, as an update writes it, if it does."""
        written = self._written[isinstance(declaration, EnumDeclaration)]
        name = None if declaration.comments else written.get(declaration.doc)
        if name is None or (self._configured and declaration.id in self._configured):
            return None
        return self._binding(declaration, name, "marker")

    def _bind(self, declaration: Declaration) -> Binding | None:
        if declaration.id in self._configured:
            stated = self._configured[declaration.id]
            return self._stated(declaration, stated, "config") if stated is not None else None
        found = self._marked(declaration)
        if found is None and isinstance(declaration, RowDeclaration):
            found = self._mapped(declaration) or self._mentioned(declaration)
        if found is not None:
            return found
        if isinstance(declaration, RowDeclaration) and self._needs_fields(declaration):
            return self._by_fields(declaration) or self._remembered(declaration)
        name = self._by_name(declaration)
        if name is not None:
            return self._binding(declaration, name, "name")
        return self._gone(declaration)

    def _stated(self, declaration: Declaration, stated: Marker, how: How) -> Binding:
        """Return the binding to what *stated* names, be it in the database or not."""
        enum = isinstance(declaration, EnumDeclaration)
        missing = QName(schema=stated.schema or self._options.schemas[0], name=stated.name)
        if enum and stated.shape is not None:
            raise ConfigError(f"bindings: {declaration.name} is an Enum, which has no shape {stated.shape!r}")
        return self._binding(declaration, self._locate(stated, enum=enum) or missing, how, stated)

    def _marked(self, declaration: Declaration) -> Binding | None:
        """Return the binding of the first marker that names an object, else of the first that can be no prose."""
        enum = isinstance(declaration, EnumDeclaration)
        found = list(markers(declaration))
        fitting = [m for m in found if m.kind in (_KINDS_OF_ENUMS if enum else _KINDS_OF_ROWS)]
        stated = next((m for m in fitting if self._locate(m, enum=enum)), None)
        stated = stated or next((m for m in fitting if m.schema is not None), None)
        if stated is not None:
            return self._stated(declaration, stated, "marker")
        if found:
            self._doubtful.add(declaration.id)
            kind = "enum type" if enum else "table, view or composite type"
            why = f"there is no such {kind}, and without a schema it may be prose"
            why = why if fitting else f"it is not one for {'an Enum' if enum else 'a row class'}"
            self._note(declaration, f"has a marker for {found[0].name!r}", why)
        return None

    def _mapped(self, declaration: RowDeclaration) -> Binding | None:
        """Return the binding to the table that a SQLAlchemy class maps, without a schema that of ``public``."""
        if declaration.table is None:
            return None
        schema, name = declaration.table
        found = self._locate(Marker(name=name, schema=schema, kind="table"), enum=False)
        return self._binding(declaration, found or QName(schema=schema or "public", name=name), "tablename")

    def _mentioned(self, declaration: RowDeclaration) -> Binding | None:
        mentioned = {self._locate(m, enum=False) for m in mentioned_tables(declaration)} - {None}
        name = mentioned.pop() if len(mentioned) == 1 else None
        if name is None or declaration.form == "sqlalchemy":
            return None
        named = not _is_model(declaration) or names.has_suffix(declaration.name.rpartition(".")[2])
        binds = named or self._has_fields_of(declaration, name)
        return self._binding(declaration, name, "docstring") if binds else None

    def _unread(self, unread: Unread) -> Iterator[tuple[bool, QName]]:
        """Yield the objects that a class of a kind that is not read maps to, if any, with a note."""
        for enum, name, how in self._bind_unread(unread):
            self._note(unread, f"{_BINDS[how]} to {name}", unread.why)
            yield enum, name

    def _bind_unread(self, unread: Unread) -> list[tuple[bool, QName, How]]:
        if unread.id in self._unbound:
            return []
        ways: dict[How, Iterable[Marker | None]] = {
            "config": [self._configured.get(unread.id)],
            "marker": markers(unread),
            "lock": [parse_object(self._locked.get(unread.id, ""))],
        }
        stated: list[tuple[How, Marker]] = [
            (how, marker) for how, found in ways.items() for marker in found if marker is not None
        ]
        for how, marker in stated:
            for enum, kinds in ((False, _KINDS_OF_ROWS), (True, _KINDS_OF_ENUMS)):
                name = self._locate(marker, enum=enum) if marker.kind in kinds else None
                if name is not None:
                    return [(enum, name, how)]
        for how, marker in stated:
            if marker.schema is not None:
                return [(marker.kind == "enum", QName(schema=marker.schema, name=marker.name), how)]
        kinds_by_name = (False, True) if unread.named else ()
        return [
            (enum, name, "name") for enum in kinds_by_name for name in self._names.fitting(unread.name, enum=enum)
        ]

    def _gone(self, declaration: Declaration) -> Binding | None:
        """Return a binding to what is not in the database (any more), None for an application's own class."""
        remembered = self._remembered(declaration)
        is_row = isinstance(declaration, RowDeclaration) and declaration.name.endswith(names.ROW_SUFFIX)
        if remembered or not is_row:
            return remembered
        own = declaration.name.rpartition(".")[2]
        left_out = self._names.left_out(own)
        if left_out is not None:
            return self._binding(declaration, left_out, "name")
        if declaration.id in self._doubtful:
            return None
        guess = QName(schema=self._options.schemas[0], name=names.first_guess(own))
        return self._binding(declaration, guess, "name")

    def _remembered(self, declaration: Declaration) -> Binding | None:
        locked = parse_object(self._locked.get(declaration.id, ""))
        if locked is None or locked.schema is None:
            return None
        return self._binding(declaration, QName(schema=locked.schema, name=locked.name), "lock")

    def _binding(self, declaration: Declaration, name: QName, how: How, stated: Marker | None = None) -> Binding:
        kind: ObjectKind = "enum"
        exists = name in self._objects.catalog.enums_by_name
        if isinstance(declaration, RowDeclaration):
            exists = name in self._objects.row_kinds
            said = stated.kind if stated is not None else None
            kind = self._objects.row_kinds.get(name) or (said if said in ("view", "composite") else "table")
        found = Binding(declaration=declaration, object=name, kind=kind, exists=exists, how=how)
        if not isinstance(declaration, RowDeclaration) or kind == "composite" or declaration.form == "sqlalchemy":
            return found
        return self._shaped(found, declaration, stated.shape if stated is not None else None)

    def _shaped(self, binding: Binding, declaration: RowDeclaration, stated: BoundShape | None) -> Binding:
        """Return *binding* in the *stated* shape, else in that of the class's name."""
        is_model, own = _is_model(declaration), declaration.name.rpartition(".")[2]
        api = names.api_shape(own) if is_model else None
        by_suffix = api is not None and binding.how not in {"config", "marker"}
        if stated == "partial" or (by_suffix and stated is None):
            return replace(binding, shape="update" if names.is_written(own) else "row", partial=True)
        shape = stated or names.row_class_shape(own, binding.object.name, self._options.plurals, model=is_model)
        return binding if shape == binding.shape else replace(binding, shape=shape)

    # ---- stated names

    def _locate(self, stated: Marker, *, enum: bool) -> QName | None:
        """Return the object that *stated* names; without a schema its kind has to be that of the marker."""
        schemas = [stated.schema] if stated.schema else self._options.schemas
        candidates = (QName(schema=schema, name=stated.name) for schema in schemas)
        if enum:
            return next((name for name in candidates if name in self._objects.catalog.enums_by_name), None)
        kinds = self._objects.row_kinds
        composite = None if stated.kind is None or stated.schema else stated.kind == "composite"
        return next((n for n in candidates if n in kinds and composite in {None, kinds[n] == "composite"}), None)

    # ---- names

    def _by_name(self, declaration: Declaration) -> QName | None:
        found = self._names.fitting(declaration.name, enum=isinstance(declaration, EnumDeclaration))
        locked = self._locked.get(declaration.id)
        settled = [name for name in found if len(found) == 1 or spelled(name) == locked]
        if found and not settled:
            raise BindingError(
                f"{declaration.at}: {declaration.name} could map to {found[0]} or {found[1]}",
                hint=f"Settle it in the configuration: [bindings] {declaration.name} = '{spelled(found[0])}'",
            )
        return settled[0] if settled else None

    def _needs_fields(self, declaration: RowDeclaration) -> bool:
        """Whether its fields have to show that a class is for a table: not of rows in the files of ``paths``."""
        generated = declaration.at.path in self._options.paths.code and declaration.form != "sqlalchemy"
        return _is_model(declaration) and not (generated and declaration.name.endswith(names.ROW_SUFFIX))

    def _by_fields(self, declaration: RowDeclaration) -> Binding | None:
        """Return the binding of a model or dataclass to the one table that its name and its fields fit best."""
        own = declaration.name.rpartition(".")[2]
        if not names.has_suffix(own):
            return None
        hits = self._names.hits(names.row_class_keys(own, model=True), enum=False)
        found = best([(rank, name) for rank, name in hits if self._has_fields_of(declaration, name)])
        locked = self._locked.get(declaration.id)
        settled = [name for name in found if len(found) == 1 or spelled(name) == locked]
        if found and not settled:
            why = "its fields are columns of both; settle it under [bindings]"
            self._note(declaration, f"could map to {found[0]} or {found[1]}", why)
        return self._binding(declaration, settled[0], "name") if settled else None

    def _has_fields_of(self, declaration: RowDeclaration, name: QName) -> bool:
        """Whether enough of the fields of a model or dataclass are columns of *name*.

        A class of rows needs no more of them than the relation has.
        """
        found = self._objects.catalog.relations_by_name.get(name)
        columns = {column.name for column in found.columns} if found is not None else set[str]()
        shared = sum(not columns.isdisjoint(item.keys) for item in declaration.items)
        is_row = names.api_shape(declaration.name.rpartition(".")[2]) is None
        least = min(LEAST_SHARED, len(columns) or LEAST_SHARED) if is_row else LEAST_SHARED
        return shared >= least and 100 * shared >= _LEAST_PER_CENT * len(declaration.items)

    # ---- advice

    @cached_property
    def _free(self) -> dict[str, str]:
        """The relations that nothing declares: how SQL spells them, by their bare names."""
        kinds, taken = self._objects.row_kinds, {b.object for b in self._kept if b.exists}
        return {n.name: spelled(n) for n, kind in kinds.items() if n not in taken and kind != "composite"}

    def _hinted(self, binding: Binding) -> Binding:
        """Add to a doubtful removal how to settle it, with the nearest object that nothing declares.

        To find the nearest takes as long as there are objects: of many removals only the first get one.
        """
        if binding.exists or binding.how != "name":
            return binding
        near: list[str] = []
        if self._compared < _MOST_COMPARED:
            self._compared += len(self._free)
            near += filter(None, [nearest(binding.object.name, self._free, cutoff=0.5)])
            near += [name for name in self._free if name.startswith(binding.object.name.rstrip("s"))]
        example = self._free[near[0]] if near else f"{binding.object.schema}.…"
        hint = f"If it maps to another table, say so: [bindings] {binding.declaration.name} = '{example}'"
        return replace(binding, hint=hint)


def _is_model(declaration: Declaration) -> bool:
    """Whether a class is a model or dataclass, which far more often than not maps to no table."""
    return isinstance(declaration, RowDeclaration) and declaration.form not in TYPEDDICTS
