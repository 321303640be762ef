"""What the expressions of a file are, as far as queries are concerned; chains are noted as they are met.

Each expression is looked at once. Nothing is executed: what is not understood has no value.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as replaced

from schema_sync.codebase.queries.libraries import is_of_supabase
from schema_sync.codebase.queries.lines import Lines
from schema_sync.codebase.queries.merging import joined, merged
from schema_sync.codebase.queries.sql import SqlCall
from schema_sync.codebase.queries.values import (
    Builder,
    Chain,
    Class,
    Client,
    Dict,
    Function,
    Imported,
    Instance,
    Listed,
    Literal,
    Names,
    Opening,
    Response,
    ResultRow,
    Rows,
    Scope,
    Value,
)
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Given, Key, ResultKey, Select, Text

_CLIENTS = frozenset(
    {
        *("Client", "AsyncClient", "SyncClient", "AClient"),
        *("create_client", "acreate_client", "create_async_client"),
        *("PostgrestClient", "SyncPostgrestClient", "AsyncPostgrestClient"),
    }
)
_OPTIONS = frozenset({"ClientOptions", "SyncClientOptions", "AsyncClientOptions", "AClientOptions"})
_LONGEST, MOST = 100_000, 10_000
"""How many characters of a string, and items of a list, are followed: code may double them line by line."""
_NOT_CLIENTS = frozenset({"storage", "auth", "functions", "realtime"})


class Expressions(ABC):
    """The expressions of one file."""

    def __init__(self, lines: Lines, known_wrappers: Sequence[QueryWrapper] = ()) -> None:
        self.lines, self.wrappers = lines, known_wrappers
        self.chains: list[Chain] = []
        self.sql_calls: list[SqlCall] = []
        self.scope = Scope()
        self.catches_missing_keys = False

    # ---- values

    def value(self, node: ast.expr | None) -> Value:
        """Return what *node* is, and note the chains in it."""
        if node is None:
            return None
        reader = getattr(self, f"_{type(node).__name__.lower()}", None)
        if reader is None:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.value(child)
            return None
        found: Value = reader(node)
        return found

    def _constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, str):
            return Text(value=node.value, span=self.lines.span(node))
        is_plain = node.value is None or isinstance(node.value, bool | int | float)
        return Literal(node.value) if is_plain else None  # type: ignore[arg-type]

    def text(self, values: Sequence[Value], node: ast.expr, between: str = "") -> Text | None:
        """Return the string that *node* makes of known strings; None if one is not known, or they are too long."""
        texts = [each.value for each in values if isinstance(each, Text)]
        if len(texts) < len(values) or sum(map(len, texts)) > _LONGEST:
            return None
        return Text(value=between.join(texts), span=self.lines.span(node), literal=False)

    def _joinedstr(self, node: ast.JoinedStr) -> Value:
        found = [self.value(each) for each in node.values]
        first = found[0] if found else None
        whole = self.text(found, node)
        return Opening(first.value) if whole is None and isinstance(first, Text) and first.literal else whole

    def _formattedvalue(self, node: ast.FormattedValue) -> Value:
        found = self.value(node.value)
        self.value(node.format_spec)
        is_plain = node.conversion == -1 and node.format_spec is None and isinstance(found, Text)
        return replaced(found, literal=False) if is_plain and isinstance(found, Text) else None

    def _binop(self, node: ast.BinOp) -> Value:
        """Return what operators give; those of one level are taken in a loop, for there may be many."""
        pending: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            pending.append(first)
            first = first.left
        found = self.value(first)
        for each in reversed(pending):
            found = self.combined(each.op, found, self.value(each.right), each)
        return found

    def combined(self, operator: ast.operator, left: Value, right: Value, node: ast.expr) -> Value:
        """Return what *operator* makes of two values."""
        if isinstance(operator, ast.Add) and isinstance(left, Text) and isinstance(right, Text):
            return self.text([left, right], node)
        if isinstance(operator, ast.Add) and isinstance(left, Listed) and isinstance(right, Listed):
            return Listed([*left.items, *right.items]) if len(left.items) + len(right.items) <= MOST else None
        if isinstance(operator, ast.BitOr) and isinstance(left, Dict) and isinstance(right, Dict):
            return joined(left, right)
        return None

    def _name(self, node: ast.Name) -> Value:
        found = self.scope.value(node.id)
        if isinstance(found, Text):
            return Text(value=found.value, span=self.lines.span(node), literal=False)
        return None if found == Literal(value=None) else found  # what is None at first is often set later

    def _compare(self, node: ast.Compare) -> Value:
        """Read a comparison; a key that the code looks for in a row may be missing there."""
        found = [self.value(each) for each in (node.left, *node.comparators)]
        for operator, key, row in zip(node.ops, found, found[1:], strict=False):
            if isinstance(operator, ast.In | ast.NotIn) and isinstance(key, Text) and isinstance(row, ResultRow):
                self.add_key(row, key.value)
        return None

    def _await(self, node: ast.Await) -> Value:
        return self.value(node.value)

    def _namedexpr(self, node: ast.NamedExpr) -> Value:
        found = self.value(node.value)
        self.scope.names[node.target.id] = found
        return found

    def _ifexp(self, node: ast.IfExp) -> Value:
        self.value(node.test)
        return merged(self.value(node.body), self.value(node.orelse))

    def _boolop(self, node: ast.BoolOp) -> Value:
        first, *others = [self.value(each) for each in node.values]
        if isinstance(node.op, ast.And):
            return others[-1]
        for other in others:
            first = merged(first, other)
        return first

    def _list(self, node: ast.List | ast.Tuple) -> Value:
        return Listed([self.value(each) for each in node.elts])

    _tuple = _list

    def _dict(self, node: ast.Dict) -> Value:
        made = Dict(self.lines.span(node))
        for key, item in zip(node.keys, node.values, strict=True):
            found = self.value(item)
            if key is None:
                made = joined(made, found) if isinstance(found, Dict) else replace(made, complete=False)
            else:
                self.put(made, key, self.value(key), found)
        return made

    def put(self, made: Dict, node: ast.expr, key: Value, value: Value) -> None:
        """Put *value* under *key*, which *node* gives, into *made*."""
        if not isinstance(key, Text):
            made.complete = False
            return
        made.keys[key.value] = Key(name=key.value, span=self.lines.span(node), value=given_value(value))
        made.values[key.value] = value

    # ---- comprehensions

    def _comprehension(self, node: Any) -> Value:
        inner = Scope(self.scope.name, self.scope, self.scope.owner, self.scope.function)
        outer, self.scope = self.scope, inner
        try:
            for each in node.generators:
                self.bind(each.target, element_of(self.value(each.iter)))
                for test in each.ifs:
                    self.value(test)
            if isinstance(node, ast.DictComp):
                self.value(node.key)
                self.value(node.value)
                return self._chosen_keys(node)
            element = self.value(node.elt)
        finally:
            self.scope = outer
        if isinstance(element, ResultRow):
            return Rows(element.chains, element.path)
        return Listed([element])

    _listcomp = _setcomp = _generatorexp = _dictcomp = _comprehension

    def _chosen_keys(self, node: ast.DictComp) -> Dict | None:
        """Return what ``{k: v for k, v in a_dict.items() if v is not None}`` gives."""
        match node:
            case ast.DictComp(
                key=ast.Name(id=key),
                generators=[
                    ast.comprehension(
                        target=ast.Tuple(elts=[ast.Name(id=first), _]),
                        iter=ast.Call(func=ast.Attribute(value=holder, attr="items")),
                    )
                ],
            ) if key == first and isinstance(found := self.value(holder), Dict):
                chosen = found.copy()
                chosen.complete &= not node.generators[0].ifs
                return chosen
            case _:
                return None

    def _lambda(self, node: ast.Lambda) -> Value:
        given = node.args
        several = [each for each in (given.vararg, given.kwarg) if each is not None]
        names = {each.arg: None for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, *several)}
        inner = Scope(self.scope.name, self.scope, self.scope.owner, self.scope.function, Names(dict(names)))
        outer, self.scope = self.scope, inner
        try:
            found = self.value(node.body)
        finally:
            self.scope = outer
        return found if isinstance(found, Response) else None

    def bind(self, target: ast.expr, value: Value) -> None:
        """Bind the names in *target*; how several names share a value is known for lists alone."""
        if isinstance(target, ast.Name):
            self.scope.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            items = value.items if isinstance(value, Listed) else []
            for number, each in enumerate(target.elts):
                self.bind(each, items[number] if len(items) == len(target.elts) else None)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, None)
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(target, value)
        elif isinstance(target, ast.Subscript):
            self._bind_key(target, value)

    def _bind_attribute(self, target: ast.Attribute, value: Value) -> None:
        holder = self.value(target.value)
        if isinstance(holder, Instance | Class):
            attributes = holder.attributes if isinstance(holder, Class) else holder.of.attributes
            attributes[target.attr] = merged(attributes.get(target.attr, value), value)

    def _bind_key(self, target: ast.Subscript, value: Value) -> None:
        holder, key = self.value(target.value), self.value(target.slice)
        if isinstance(holder, Dict):
            self.put(holder, target.slice, key, value)
        elif isinstance(holder, ResultRow) and isinstance(key, Text):
            self.add_key(holder, key.value)

    def add_key(self, row: ResultRow, name: str) -> None:
        """Note that the code itself sees to the key *name* of *row*."""
        for chain in row.chains:
            chain.added.add(name)

    # ---- attributes and keys

    def _attribute(self, node: ast.Attribute) -> Value:
        found = self.attribute_of(self.value(node.value), node.attr)
        if isinstance(found, Text):
            return Text(value=found.value, span=self.lines.span(node), literal=False)
        return found

    def attribute_of(self, holder: Value, name: str) -> Value:
        """Return the attribute *name* of *holder*."""
        if name in _NOT_CLIENTS and not isinstance(holder, Instance | Class):
            return Imported("")
        match holder:
            case Client():
                return holder
            case Builder():
                return self._builder_attribute(holder, name)
            case Response() if name == "data":
                one = all(chain.yields_one for chain in holder.chains)
                return ResultRow(holder.chains) if one else Rows(holder.chains)
            case Imported():
                return _of_module(holder, name)
            case Text() if name == "value":
                return holder  # of a member of an Enum
            case Instance(of=owner) | (Class() as owner):
                return self._of_class(owner, name)
            case _:
                return None

    def _of_class(self, owner: Class, name: str) -> Value:
        method = owner.method(name)
        if method is not None and method.is_property:
            return self.result_of(method)
        found = owner.attribute(name)
        if found is None and method is None and owner.outside is not None:
            return self.attribute_of(owner.outside, name)
        return Imported("") if found is None and name in _NOT_CLIENTS else found

    def _builder_attribute(self, builder: Builder, name: str) -> Value:
        if name != "execute":
            return builder if name == "not_" else None
        for chain in builder.chains:
            chain.support()
        return Response(builder.chains)  # of a function that calls it, such as asyncio.to_thread

    def _subscript(self, node: ast.Subscript) -> Value:
        holder, key = self.value(node.value), self.value(node.slice)
        if isinstance(holder, Rows):
            return holder if isinstance(node.slice, ast.Slice) else ResultRow(holder.chains, holder.path)
        if isinstance(holder, ResultRow) and isinstance(key, Text):
            return self._result_key(holder, key)
        if isinstance(holder, Dict) and isinstance(key, Text):
            return holder.values.get(key.value)
        if isinstance(holder, Listed) and isinstance(key, Literal) and key.value in range(len(holder.items)):
            return holder.items[int(key.value or 0)]
        return None

    def _result_key(self, row: ResultRow, key: Text, call: str = "") -> Value:
        path = (*row.path, key.value)
        if self.catches_missing_keys or any(each.is_shared for each in row.chains) or _differ(row.chains):
            call = "get"
        for chain in row.chains:
            chain.parts.append(ResultKey(call=call, span=key.span, certain=False, path=path))
        return ResultRow(row.chains, path)

    @abstractmethod
    def _call(self, node: ast.Call) -> Value:
        """Return what a call gives."""

    @abstractmethod
    def result_of(self, function: Function, given: Mapping[str, Value] | None = None) -> Value:
        """Return what a function of this file returns, where it is *given* these arguments; None if not known."""


def given_value(value: Value) -> Given | None:
    """Return *value* as a query has it, None where it is not a literal."""
    return Given(value=value.value) if isinstance(value, Text | Literal) else None


def imported(module: str, name: str) -> Value:
    """Return what ``from module import name`` binds."""
    if is_of_supabase(module) and name in _CLIENTS:
        return Client()
    if is_of_supabase(module) and name in _OPTIONS:
        return Client(proven=False)
    return Imported(module, name)


def _of_module(module: Imported, name: str) -> Value:
    """Return the attribute *name* of what comes from *module*."""
    if is_of_supabase(module.module):
        return imported(module.module, name)
    dotted = f"{module.name}.{name}" if module.name else name
    return None if "supabase" in name else Imported(module.module, dotted)


def _differ(chains: Sequence[Chain]) -> bool:
    """Return whether one of *chains* selects what another does not."""
    lists = {
        tuple(text.value for text in part.columns)
        for chain in chains
        for part in chain.parts
        if isinstance(part, Select)
    }
    return len(lists) > 1


def element_of(value: Value) -> Value:
    """Return what a loop over *value* gives each time."""
    if isinstance(value, Rows):
        return ResultRow(value.chains, value.path)
    if isinstance(value, ResultRow) and value.path:
        return ResultRow(value.chains, value.path)  # rows that are embedded
    if isinstance(value, Listed) and len(value.items) == 1:
        return value.items[0]
    return None
