"""Functions: which classes map to their arguments and results, and what the two should be.

Authority: PostgREST, "Functions as RPC": functions are called by the names of their arguments; procedures are
not; one with any OUT or TABLE argument gives rows, be it with a single column.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec.structs import replace

from schema_sync.compare.assignability import ANY, judge, resolve
from schema_sync.compare.class_names import reserve
from schema_sync.compare.markers import function_marker, spelled, type_list
from schema_sync.compare.objects import make_target
from schema_sync.mapping.aliases import ANY_JSON
from schema_sync.mapping.names import function_class_name, is_key, prefixed
from schema_sync.mapping.types import sql_name
from schema_sync.model.base import Value
from schema_sync.model.catalog import Facet, QName, TypeRef
from schema_sync.model.declarations import PyType, ResultDeclaration, RowDeclaration
from schema_sync.model.findings import Bound, Note
from schema_sync.model.pairs import (
    ColumnWrites,
    ExpectedFunction,
    ExpectedItem,
    ExpectedRow,
    ExpectedType,
    FunctionPair,
    FunctionPart,
    ItemPair,
    NewPart,
    RowPair,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schema_sync.compare.binding import Bindings
    from schema_sync.compare.expected import Expected
    from schema_sync.compare.markers import FunctionMarker
    from schema_sync.model.catalog import Argument, Catalog, Function
    from schema_sync.model.declarations import Codebase
    from schema_sync.model.pairs import Fit, Role, Target

    Declared = RowDeclaration | ResultDeclaration

_NONE = PyType(name="None")
_OBJECT = PyType(name="dict", args=(PyType(name="str"), PyType(name="typing.Any")))
_RECORD = QName(schema="pg_catalog", name="record")
_SUFFIXES: dict[Role, str] = {"arguments": "Args", "rows": "ResultRow", "result": "Result"}
_QUOTED_CHAR = TypeRef(name=QName(schema="pg_catalog", name="char"))


class Functions(Value, frozen=True, kw_only=True):
    """What there is to say of functions; ``rows`` are the classes for rows that functions make up."""

    pairs: tuple[FunctionPair, ...] = ()
    rows: tuple[RowPair, ...] = ()
    bound: tuple[Bound, ...] = ()
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


def _spelled_type(ref: TypeRef) -> str:
    bare = replace(ref, modifier=None, dims=0)
    if bare == _QUOTED_CHAR:
        name = '"char"'  # a type of its own, not char
    else:
        name = sql_name(bare) if ref.name.schema == "pg_catalog" else spelled(ref.name)
    return name + "[]" * ref.dims


def _bare_type(ref: TypeRef) -> str:
    """Return the type's name as part of a class's name."""
    bare = replace(ref, modifier=None)
    return sql_name(bare) if ref.name.schema == "pg_catalog" else ref.name.name + "[]" * ref.dims


def pair_functions(expected: Expected, codebase: Codebase, bindings: Bindings) -> Functions:
    """Return the functions of the catalog beside what declares them, once relations and enums have names."""
    return _Pairing(expected, codebase, bindings).functions()


class _Pairing:
    def __init__(self, expected: Expected, codebase: Codebase, bindings: Bindings) -> None:
        self._expected = expected
        self._options = expected.options
        self._codebase = codebase
        self._labels = {
            b.declaration.id: expected.catalog.enums_by_name[b.object].labels
            for b in bindings.bound
            if b.kind == "enum" and b.exists
        }
        self._stands_for: dict[str, QName | Function] = {
            b.declaration.id: b.object for b in bindings.bound if b.kind != "enum" and b.exists
        }
        self._by_name: dict[QName, list[Function]] = defaultdict(list)
        for function in expected.catalog.functions:
            self._by_name[function.name].append(function)
        self._parts: dict[Function, list[tuple[Role, Declared]]] = defaultdict(list)
        self._gone: list[tuple[Role, Declared, QName]] = []
        self._notes: list[Note] = []
        self._taken = set(expected.class_names.taken)

    def functions(self) -> Functions:
        marked = list(self._marked())
        if not self._options.functions or Facet.FUNCTIONS not in self._expected.catalog.covers:
            return Functions(notes=tuple(self._not_looked_at(marked)))
        self._bind(marked)
        callable_ = [f for functions in self._by_name.values() for f in functions if self._is_callable(f)]
        pairs = [self._pair(function) for function in callable_]
        return Functions(
            pairs=(*pairs, *map(self._gone_pair, self._gone)),
            rows=tuple(row for pair in pairs for row in self._row_pairs(pair)),
            bound=tuple(self._bound()),
            notes=tuple(self._notes),
        )

    def _not_looked_at(self, marked: list[tuple[Declared, FunctionMarker]]) -> Iterator[Note]:
        if not self._options.functions:
            for declared, _ in marked:
                yield Note(
                    what=f"{declared.at}: {declared.name}", why="functions are not configured to be looked at"
                )
        else:
            yield Note(what="functions", why="the source does not show them")

    # ---- binding

    def _marked(self) -> Iterator[tuple[Declared, FunctionMarker]]:
        for row in self._codebase.rows:
            found = function_marker(row.doc, row.comments)
            if found is not None:
                yield row, found
        for result in self._codebase.results:
            found = function_marker(result.doc)
            if found is not None:
                yield result, found

    def _bind(self, marked: list[tuple[Declared, FunctionMarker]]) -> None:
        """Bind by name and argument types; where these are those of no function, by a name that only one has."""
        stale: list[tuple[Role, Declared, QName, bool]] = []
        for declared, found in marked:
            role: Role = "result" if isinstance(declared, ResultDeclaration) else "arguments"
            role = "rows" if role == "arguments" and found.of_result else role
            name = self._located(found)
            if name.schema not in self._options.schemas or not _is_wanted(name, self._options.functions):
                why = f"{name} is not among the functions that are looked at"
                self._notes.append(Note(what=f"{declared.at}: {declared.name}", why=why))
                continue
            exact = [f for f in self._by_name.get(name, ()) if type_list(signature(f)) == found.types]
            if exact:
                self._parts[exact[0]].append((role, declared))
            else:
                stale.append((role, declared, name, found.is_bare))
        for role, declared, name, bare in stale:
            same = self._by_name.get(name, [])
            if not same and bare:
                why = f"it says to map to a function {name.name}, which there is not; with its schema it counts"
                self._notes.append(Note(what=f"{declared.at}: {declared.name}", why=why))
            elif len(same) == 1 and role not in {r for r, _ in self._parts[same[0]]}:
                self._parts[same[0]].append((role, declared))
            else:
                self._gone.append((role, declared, name))
        for function, parts in self._parts.items():
            self._stands_for.update({d.id: function for role, d in parts if role == "rows"})

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

    def _bound(self) -> Iterator[Bound]:
        for function, parts in self._parts.items():
            for role, declared in parts:
                yield Bound(
                    declaration=declared.name,
                    path=declared.at.path,
                    object=f"{function.name}({signature(function)})",
                    shape="arguments" if role == "arguments" else "result",
                    how="marker",
                )

    # ---- what is expected

    def _pair(self, function: Function) -> FunctionPair:
        parts = self._parts.get(function, [])
        target = self._target(function)
        arguments = tuple(self._argument(a) for a in function.inputs)
        columns = tuple(self._column(function, i, a) for i, a in enumerate(function.outputs, start=1))
        wanted: dict[Role, bool] = {"arguments": bool(arguments), "rows": bool(columns), "result": True}
        absent: list[Role] = [r for r, needed in wanted.items() if needed and r not in {role for role, _ in parts}]
        missing = tuple(self._new_part(function, target, role) for role in absent)
        rows = next((d.id for role, d in parts if role == "rows"), None)
        rows = rows or next((f"{target.path}:{p.class_name}" for p in missing if p.role == "rows"), None)
        result, object_ = self._result(function, rows)
        return FunctionPair(
            target=target,
            expected=ExpectedFunction(
                target=target, arguments=arguments, columns=columns, result=result, missing=missing
            ),
            parts=tuple(self._part(role, d, arguments, result, object_) for role, d in parts),
        )

    def _target(self, function: Function) -> Target:
        target = make_target("function", function.name, self._options.homes.functions)
        return replace(target, marker=f"Function: {spelled(function.name)}({signature(function)})")

    def _new_part(self, function: Function, target: Target, role: Role) -> NewPart:
        overloaded = len(self._by_name[function.name]) > 1
        types = [_bare_type(a.type) for a in function.inputs] if overloaded else ()
        name = function_class_name(function.name.name, types) + _SUFFIXES[role]
        if function.name.schema != self._options.schemas[0]:
            name = prefixed(function.name.schema, name)
        marker = target.marker if role == "arguments" else target.marker.replace("Function", "Result", 1)
        return NewPart(role=role, class_name=reserve(name, marker, self._taken), marker=marker)

    def _argument(self, argument: Argument) -> ExpectedItem:
        writes = ColumnWrites(required=not argument.has_default)
        return replace(self._item(argument.name, argument.type), writes=writes)

    def _column(self, function: Function, position: int, argument: Argument) -> ExpectedItem:
        item = self._item(argument.name or f"column{position}", argument.type)
        return replace(item, nullable=not self._expected.states_not_null(f"{function.name}.{item.key}"))

    def _item(self, key: str, ref: TypeRef) -> ExpectedItem:
        if ref.name == _RECORD or (ref.name.schema == "pg_catalog" and ref.name.name.startswith("any")):
            element = _OBJECT if ref.name == _RECORD else ANY
            written = values = PyType(name="list", args=(element,)) if ref.dims else element
            database_type = sql_name(ref)
        else:
            known, database_type = self._expected.type_of(ref)
            written, values = known.written, known.values
        return ExpectedItem(
            key=key,
            type=ExpectedType(written=written, values=values),
            database_type=database_type,
            nullable=False,
            null_free=values != ANY_JSON,
            in_class=is_key(key),
        )

    def _result(self, function: Function, rows: str | None) -> tuple[ExpectedItem, QName | Function | None]:
        """Return what comes back, and the relation, composite type or function whose rows it consists of."""
        object_: QName | Function | None = None
        class_id = rows
        if rows is not None:
            item, object_ = self._item("", TypeRef(name=_RECORD)), function
        elif function.result is None:
            item = ExpectedItem(
                key="", type=ExpectedType(written=_NONE, values=_NONE), nullable=True, database_type="void"
            )
        else:
            item = self._item("", function.result)
            if not function.result.dims and function.result.name in self._expected.objects.row_kinds:
                object_ = function.result.name
                class_id = self._expected.class_names.declaration_id(object_)
        type_ = replace(item.type, written=PyType(name=class_id)) if class_id else item.type
        if function.returns_set:
            written, values = (PyType(name="list", args=(each,)) for each in (type_.written, type_.values))
            type_ = ExpectedType(written=written, values=values)
            item = replace(item, database_type=f"setof {item.database_type}")
        return replace(item, type=type_), object_

    # ---- beside what is declared

    def _part(
        self,
        role: Role,
        declared: Declared,
        arguments: Sequence[ExpectedItem],
        result: ExpectedItem,
        object_: QName | Function | None,
    ) -> FunctionPart:
        if isinstance(declared, ResultDeclaration):
            return FunctionPart(role=role, declared=declared, fit=self._fit(declared.type, result, object_))
        items = self._items(arguments, declared) if role == "arguments" else ()
        return FunctionPart(role=role, declared=declared, items=tuple(items))

    def _items(self, expected: Sequence[ExpectedItem], declared: RowDeclaration) -> Iterator[ItemPair]:
        items = {item.key: item for item in declared.items}
        for each in expected:
            item = items.pop(each.key, None)
            if item is None:
                yield ItemPair(expected=each)
                continue
            resolved = resolve(item.type, self._codebase.by_id, self._labels)
            yield ItemPair(
                expected=each,
                declared=item,
                fit=judge(each.type, resolved),
                admits_none=resolved.admits_none,
                says_none=any(member == _NONE for member in resolved.members),
            )
        yield from (ItemPair(declared=item) for item in items.values())

    def _fit(self, declared: PyType, expected: ExpectedItem, object_: QName | Function | None) -> Fit:
        resolved = resolve(declared, self._codebase.by_id, self._labels)
        if expected.type.written == _NONE:
            return "same" if resolved.admits_none else "disjoint"
        known = (self._stands_for.get(name) for name in _names(declared))
        if any(other is not None and other != object_ for other in known):
            return "disjoint"
        return judge(expected.type, resolved)

    def _row_pairs(self, pair: FunctionPair) -> Iterator[RowPair]:
        for part in pair.parts:
            if part.role == "rows" and pair.expected is not None and isinstance(part.declared, RowDeclaration):
                yield RowPair(
                    target=pair.target,
                    expected=ExpectedRow(target=pair.target, items=pair.expected.columns),
                    declared=part.declared,
                    items=tuple(self._items(pair.expected.columns, part.declared)),
                )

    def _gone_pair(self, gone: tuple[Role, Declared, QName]) -> FunctionPair:
        role, declared, name = gone
        target = make_target("function", name, declared.at.path, declared.name)
        return FunctionPair(target=target, parts=(FunctionPart(role=role, declared=declared),))


def _names(kind: PyType) -> Iterator[str]:
    yield kind.name
    for inner in kind.args:
        yield from _names(inner)
