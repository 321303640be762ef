"""Functions: the shapes of their arguments, rows and results, beside the classes and aliases for them.

Authority: PostgREST, "Functions as RPC": a function with any OUT or TABLE argument gives rows, be it with a single
column.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from schema_sync.compare.class_names import prefixed, reserve
from schema_sync.compare.expected import Expected
from schema_sync.compare.function_binding import FunctionBindings, Part, identity, part_of, signature
from schema_sync.compare.markers import spelled
from schema_sync.compare.objects import make_target
from schema_sync.compare.pairs import Pairing
from schema_sync.compare.typeddict_fit import ANY, judge
from schema_sync.mapping.aliases import ANY_JSON
from schema_sync.mapping.names import function_class_name, is_key
from schema_sync.mapping.types import sql_name
from schema_sync.model.catalog import Argument, Function, QName, TypeRef
from schema_sync.model.declarations import PyType, ResultDeclaration, RowDeclaration
from schema_sync.model.edits import AddResult, AddRow
from schema_sync.model.findings import Binding
from schema_sync.model.pairs import (
    ColumnWrites,
    ExpectedItem,
    ExpectedRow,
    ExpectedType,
    Fit,
    FunctionPair,
    RowPair,
    Target,
)
from schema_sync.rules.new_classes import new_class

_NONE = PyType(name="None")
_OBJECT = PyType(name="dict", args=(PyType(name="str"), PyType(name="typing.Any")))
_RECORD = QName(schema="pg_catalog", name="record")
_SUFFIXES: dict[Part, str] = {"arguments": "Args", "rows": "ResultRow", "result": "Result"}


class FunctionPairing:
    """Puts each function beside what declares it, once relations and enums have names."""

    def __init__(self, bindings: FunctionBindings, expected: Expected, pairing: Pairing) -> None:
        self._bindings = bindings
        self._expected = expected
        self._options = expected.options
        self._pairing = pairing
        self._bound: dict[QName, list[Binding]] = defaultdict(list)
        for binding in bindings.bound:
            self._bound[binding.object].append(binding)
        self._overloads = Counter(function.name for function in expected.catalog.functions)
        self._taken = set(expected.class_names.taken)

    def pairs(self) -> Iterator[FunctionPair | RowPair]:
        """Yield what the rules look at, in a stable order."""
        for function in self._bindings.callable:
            yield from self._of_one(function)
        for binding in self._bindings.gone:
            declared = binding.declaration
            target = make_target("function", binding.object, declared.at.path, declared.name)
            yield FunctionPair(target=target, declared=declared)

    def _of_one(self, function: Function) -> Iterator[FunctionPair | RowPair]:
        object_ = identity(function)
        bound = self._bound[object_]
        target = make_target("function", function.name, self._options.paths.functions)
        target = replace(target, marker=f"Function: {spelled(function.name)}({signature(function)})")
        columns = (self._column(function, i, a) for i, a in enumerate(function.outputs, start=1))
        shapes: dict[Part, ExpectedRow] = {
            "arguments": ExpectedRow(target=target, items=tuple(map(self._argument, function.inputs))),
            "rows": ExpectedRow(target=target, items=tuple(columns)),
        }
        unread = self._bindings.unread
        declared = {part: unread[object_, part] for part in _SUFFIXES if (object_, part) in unread}
        declared |= {part_of(binding): binding.declaration.id for binding in bound[::-1]}
        new: dict[Part, Target] = {}
        for part in _SUFFIXES:
            if part not in declared and (part == "result" or shapes[part].items):
                new[part] = self._new_target(function, target, part)
        rows_id = f"{target.path}:{new['rows'].class_name}" if "rows" in new else declared.get("rows")
        result, rows_of = self._result(function, rows_id)
        if new:
            missing = tuple(_addition(part, each, shapes.get(part), result) for part, each in new.items())
            yield FunctionPair(target=target, expected=result, missing=missing, partly=bool(bound))
        for binding in bound:
            alias = binding.declaration
            if isinstance(alias, ResultDeclaration):
                fit = self._fit(alias.type, result, rows_of)
                yield FunctionPair(target=target, expected=result, declared=alias, fit=fit)
            elif isinstance(alias, RowDeclaration) and not alias.unknown:
                yield self._pairing.row(binding, alias, shapes[part_of(binding)])

    def _new_target(self, function: Function, target: Target, part: Part) -> Target:
        """Return *target* with the name and the marker of the class or alias that a part lacks."""
        types = [_bare_type(a.type) for a in function.inputs] if self._overloads[function.name] > 1 else ()
        name = function_class_name(function.name.name, types) + _SUFFIXES[part]
        name = prefixed(name, function.name, self._options)
        marker = target.marker if part == "arguments" else target.marker.replace("Function", "Result", 1)
        return replace(target, class_name=reserve(name, marker, self._taken), marker=marker)

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
        else:
            known, _ = self._expected.type_of(ref)
            written, values = known.written, known.values
        return ExpectedItem(
            key=key,
            type=ExpectedType(written=written, values=values),
            database_type=sql_name(ref),
            nullable=False,
            null_free=values != ANY_JSON,
            in_class=is_key(key),
        )

    def _result(self, function: Function, rows_id: str | None) -> tuple[ExpectedItem, QName | None]:
        """Return what comes back, and the relation, composite type or function whose rows it consists of."""
        object_, class_id = None, rows_id
        if rows_id is not None:
            item, object_ = self._item("", TypeRef(name=_RECORD)), identity(function)
        elif function.result is None:
            nothing = ExpectedType(written=_NONE, values=_NONE)
            item = ExpectedItem(key="", type=nothing, nullable=True, database_type="void")
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

    def _fit(self, alias: PyType, expected: ExpectedItem, object_: QName | None) -> Fit:
        resolved = self._pairing.resolved(alias)
        if expected.type.written == _NONE:
            return "same" if resolved.admits_none else "disjoint"
        if any(other != object_ for other in self._pairing.row_objects(alias)):
            return "disjoint"
        return judge(expected.type, resolved)


def _addition(part: Part, target: Target, shape: ExpectedRow | None, result: ExpectedItem) -> AddRow | AddResult:
    if shape is not None:
        return new_class(replace(shape, target=target), "insert" if part == "arguments" else "row")
    return AddResult(
        path=target.path, declaration=target.class_name, marker=target.marker, type=result.type.written
    )


def _bare_type(ref: TypeRef) -> str:
    bare = replace(ref, modifier=None)
    return sql_name(bare) if ref.name.schema == "pg_catalog" else ref.name.name + "[]" * ref.dims
