"""What the expressions of a file are, as far as queries are concerned; chains are noted as they are met.

Each expression is looked at once. Nothing is executed: what is not understood has no value.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from schema_sync.codebase.queries.scopes import Lines, Scope, merged
from schema_sync.codebase.queries.values import (
    Builder,
    Chain,
    Client,
    Dict,
    Imported,
    Listed,
    Literal,
    Opening,
    Response,
    ResultRow,
    Rows,
    Value,
)
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Given, Key, ResultKey, Text

_CLIENTS = frozenset({"Client", "AsyncClient", "SyncClient", "create_client", "acreate_client"})
_POSTGREST = frozenset({"PostgrestClient", "SyncPostgrestClient", "AsyncPostgrestClient"})
_NOT_CLIENTS = frozenset({"storage", "auth", "functions", "realtime"})


def is_of_supabase(module: str) -> bool:
    """Return whether *module* is of Supabase's own libraries, or of one that is named after it."""
    top = module.partition(".")[0]
    return top == "postgrest" or "supabase" in top


class Expressions:
    """The expressions of one file."""

    def __init__(self, lines: Lines, known_wrappers: Sequence[QueryWrapper] = ()) -> None:
        self.lines, self.wrappers = lines, known_wrappers
        self.chains: list[Chain] = []
        self.scope = Scope()

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

    def _joinedstr(self, node: ast.JoinedStr) -> Value:
        texts: list[str] = []
        for each in node.values:
            found = self.value(each.value if isinstance(each, ast.FormattedValue) else each)
            plain = not isinstance(each, ast.FormattedValue) or (
                each.conversion == -1 and each.format_spec is None
            )
            if isinstance(found, Text) and plain:
                texts.append(found.value)
        if len(texts) < len(node.values):
            first = node.values[0]
            is_known = isinstance(first, ast.Constant) and isinstance(first.value, str)
            return Opening(texts[0]) if is_known else None
        return Text(value="".join(texts), span=self.lines.span(node), literal=False)

    def _binop(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.Add) and isinstance(left, Text) and isinstance(right, Text):
            return Text(value=left.value + right.value, span=self.lines.span(node), literal=False)
        if isinstance(node.op, ast.Add) and isinstance(left, Listed) and isinstance(right, Listed):
            return Listed([*left.items, *right.items])
        if isinstance(node.op, ast.BitOr) and isinstance(left, Dict) and isinstance(right, Dict):
            return joined(left, right)
        return None

    def _name(self, node: ast.Name) -> Value:
        found = self.scope.value(node.id)
        if isinstance(found, Text):
            return Text(value=found.value, span=self.lines.span(node), literal=False)
        return None if found == Literal(value=None) else found  # what is None at first is often set later

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
        given = Given(value=value.value) if isinstance(value, Text | Literal) else None
        made.keys[key.value] = Key(name=key.value, span=self.lines.span(node), value=given)
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
                return None
            element = self.value(node.elt)
        finally:
            self.scope = outer
        if isinstance(element, ResultRow):
            return Rows(element.chains, element.path)
        return Listed([element])

    _listcomp = _setcomp = _generatorexp = _dictcomp = _comprehension

    def _lambda(self, node: ast.Lambda) -> Value:
        inner = Scope(self.scope.name, self.scope, self.scope.owner, self.scope.function)
        inner.names = {each.arg: None for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
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
        owner = self.scope.owner
        if owner is not None and isinstance(target.value, ast.Name) and target.value.id in {"self", "cls"}:
            before = owner.attributes.get(target.attr, value)
            owner.attributes[target.attr] = merged(before, value)
        else:
            self.value(target.value)

    def _bind_key(self, target: ast.Subscript, value: Value) -> None:
        holder, key = self.value(target.value), self.value(target.slice)
        if isinstance(holder, Dict):
            self.put(holder, target.slice, key, value)
        elif isinstance(holder, ResultRow) and isinstance(key, Text):
            for chain in holder.chains:
                chain.added.add(key.value)

    # ---- attributes and keys

    def _attribute(self, node: ast.Attribute) -> Value:
        if isinstance(node.value, ast.Name) and self.scope.owner is not None and node.value.id in {"self", "cls"}:
            return self._placed(self.scope.owner.attribute(node.attr), node)
        if isinstance(node.value, ast.Name) and (known := self.scope.class_named(node.value.id)):
            return self._placed(known.attribute(node.attr), node)
        return self.attribute_of(self.value(node.value), node.attr)

    def _placed(self, value: Value, node: ast.expr) -> Value:
        if isinstance(value, Text):
            return Text(value=value.value, span=self.lines.span(node), literal=False)
        return value

    def attribute_of(self, holder: Value, name: str) -> Value:
        """Return the attribute *name* of *holder*."""
        if name in _NOT_CLIENTS:
            return Imported("")
        if isinstance(holder, Client):
            return holder
        if isinstance(holder, Builder):
            return self._builder_attribute(holder, name)
        if isinstance(holder, Response) and name == "data":
            one = all(chain.yields_one for chain in holder.chains)
            return ResultRow(holder.chains) if one else Rows(holder.chains)
        if isinstance(holder, Imported) and "supabase" not in name:
            return Imported(holder.module, name)
        return None

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
        return None

    def _result_key(self, row: ResultRow, key: Text, call: str = "") -> Value:
        path = (*row.path, key.value)
        for chain in row.chains:
            chain.parts.append(ResultKey(call=call, span=key.span, certain=False, path=path))
        return ResultRow(row.chains, path)

    def _call(self, node: ast.Call) -> Value:
        """Return what a call gives."""
        raise NotImplementedError


def element_of(value: Value) -> Value:
    """Return what a loop over *value* gives each time."""
    if isinstance(value, Rows):
        return ResultRow(value.chains, value.path)
    if isinstance(value, ResultRow) and value.path:
        return ResultRow(value.chains, value.path)  # rows that are embedded
    if isinstance(value, Listed) and len(value.items) == 1:
        return value.items[0]
    return None


def joined(one: Dict, other: Dict) -> Dict:
    """Return a dict with the keys of both."""
    return Dict(
        one.span,
        {**one.keys, **other.keys},
        {**one.values, **other.values},
        complete=one.complete and other.complete,
    )
