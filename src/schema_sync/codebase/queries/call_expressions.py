"""What calls in a file are: the chains that ask Supabase, and what functions do with what matters to them."""

from __future__ import annotations

import ast
from dataclasses import replace

from schema_sync.codebase.queries import calls, wrappers
from schema_sync.codebase.queries.calls import Call
from schema_sync.codebase.queries.expressions import Expressions, joined
from schema_sync.codebase.queries.scopes import Function
from schema_sync.codebase.queries.values import (
    Builder,
    Chain,
    Client,
    Dict,
    Imported,
    Listed,
    Response,
    ResultRow,
    Rows,
    Value,
)
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Key, Span, Text


class CallExpressions(Expressions):
    """The calls of one file."""

    def _call(self, node: ast.Call) -> Value:
        if wrapper := wrappers.wrapper_of(node.func, self.wrappers):
            return self._wrapper_call(node, wrapper)
        if isinstance(node.func, ast.Attribute):
            return self._method_call(node, node.func)
        positional, named = self._arguments(node)
        if isinstance(node.func, ast.Name):
            if node.func.id == "dict" and not positional:
                made = Dict(self.lines.span(node))
                for keyword in node.keywords:
                    self._put_keyword(made, keyword, named)
                return made
            if node.func.id in {"list", "sorted", "reversed"} and positional:
                return positional[0] if isinstance(positional[0], Rows | Listed) else None
            if function := self.scope.function_named(node.func.id):
                return self.result_of(function)
        return self._called_with(node, self.value(node.func), positional, named)

    def _called_with(
        self, node: ast.Call, function: Value, positional: list[Value], named: dict[str, Value]
    ) -> Value:
        """Return what *function* gives, and note that it has the arguments now; it may call those that can be."""
        self._let_go(positional, named)
        for argument, given in zip(node.args, positional, strict=True):
            if isinstance(argument, ast.Attribute | ast.Lambda) and isinstance(given, Response):
                return given
        return self._called(function, positional, named)

    def _put_keyword(self, made: Dict, keyword: ast.keyword, named: dict[str, Value]) -> None:
        if keyword.arg is None:
            made.complete = False
            return
        span = self.lines.span(keyword)
        self.put(made, keyword.value, Text(value=keyword.arg, span=span), named[keyword.arg])
        made.keys[keyword.arg] = Key(name=keyword.arg, span=span, value=made.keys[keyword.arg].value)

    def _arguments(self, node: ast.Call) -> tuple[list[Value], dict[str, Value]]:
        positional = [self.value(each) for each in node.args]
        named = {each.arg or "**": self.value(each.value) for each in node.keywords}
        return positional, named

    def _let_go(self, positional: list[Value], named: dict[str, Value]) -> None:
        """Note that others have these dicts now, and may add keys to them."""
        for each in (*positional, *named.values()):
            for item in each.items if isinstance(each, Listed) else [each]:
                if isinstance(item, Dict):
                    item.complete = False

    def _called(self, function: Value, positional: list[Value], named: dict[str, Value]) -> Value:
        """Return what a call of *function* gives."""
        given = (*positional, *named.values())
        if isinstance(function, Client) or any(isinstance(each, Client) for each in given):
            options = next((each for each in given if isinstance(each, Client) and each.schema), None)
            schema = named.get("schema")
            if isinstance(schema, Text):
                return Client(schema.value)
            return options or Client(schema_known="schema" not in named)
        return Imported(function.module, function.name) if isinstance(function, Imported) else None

    def _method_call(self, node: ast.Call, function: ast.Attribute) -> Value:
        method = function.attr
        if isinstance(function.value, ast.Name) and self.scope.owner and function.value.id in {"self", "cls"}:
            own = self.scope.owner.method(method)
            if own is not None:
                self._arguments(node)
                return self.result_of(own)
        holder = self.value(function.value)
        positional, named = self._arguments(node)
        if isinstance(holder, Builder):
            return self._chained(holder, node, function.value, positional, named)
        if method in {"table", "from_", "rpc"} and (holder is None or isinstance(holder, Client | Imported)):
            return self._begun(holder, node, method, positional, named)
        if (
            method == "schema"
            and (holder is None or isinstance(holder, Client | Imported))
            and len(positional) == 1
        ):
            return _of_schema(holder, positional[0])
        return self._other_method(holder, node, method, positional, named)

    def _wrapper_call(self, node: ast.Call, wrapper: QueryWrapper) -> Value:
        """Return the rows of a call of the project's own wrapper."""
        if isinstance(node.func, ast.Attribute):
            self.value(node.func.value)
        positional, named = self._arguments(node)
        table = wrappers.argument(wrapper.table, positional, named)
        payload = wrappers.argument(wrapper.payload, positional, named)
        chain = Chain(
            span=self.lines.span(node),
            function=self.scope.name,
            name=table if isinstance(table, Text) else None,
            verb=wrappers.verb_of(wrapper, writes=payload is not None),
            certain=False,
            evidence=True,
        )
        params = wrappers.argument(wrapper.params, positional, named)
        chain.parts += wrappers.parts_of(params, payload, chain.span)
        self.chains.append(chain)
        return Rows((chain,))

    def _begun(
        self,
        holder: Client | Imported | None,
        node: ast.Call,
        method: str,
        positional: list[Value],
        named: dict[str, Value],
    ) -> Value:
        """Return the chain that begins with ``table``, ``from_`` or ``rpc``."""
        client = holder if isinstance(holder, Client) else Client(proven=False)
        if not positional or (method != "rpc" and (len(positional) > 1 or named)) or holder == Imported(""):
            return None
        first = positional[0]
        chain = Chain(
            span=self.lines.span(node),
            function=self.scope.name,
            name=first if isinstance(first, Text) else None,
            schema=client.schema,
            schema_known=client.schema_known,
            origin=_origin(holder),
            evidence=client.proven,
            tail=node,
        )
        if method == "rpc":
            chain.verb = "rpc"
            chain.parts += calls.parts_of(Call("rpc", [chain.span], positional, named, certain=True))
        self.chains.append(chain)
        return Builder((chain,))

    def _chained(
        self, builder: Builder, node: ast.Call, holder: ast.expr, positional: list[Value], named: dict[str, Value]
    ) -> Value:
        """Return what the call of a method of *builder* gives, and note what it asks."""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        chains = tuple(self._continued(chain, node, holder, method) for chain in builder.chains)
        if method == "execute":
            return Response(chains)
        for chain, before in zip(chains, builder.chains, strict=True):
            certain = chain is before and chain.tail is node and len(chains) == 1
            call = Call(method, self._spans(node), positional, named, certain=certain)
            chain.parts += calls.parts_of(call)
            chain.yields_one |= method in calls.ONE_ROW
        return Builder(chains)

    def _spans(self, node: ast.Call) -> list[Span]:
        return [self.lines.span(each) for each in node.args] or [self.lines.span(node)]

    def _continued(self, chain: Chain, node: ast.Call, holder: ast.expr, method: str) -> Chain:
        """Return the chain that *method* adds to: a new one where a variable's begins another query."""
        is_direct = chain.tail is not None and _called_on(holder) is chain.tail
        verb = calls.VERBS.get(method)
        if verb and chain.verb is not None and method == "select":
            verb = None  # what comes back of what is written
        if verb and not is_direct:
            chain = Chain(
                span=self.lines.span(node),
                function=self.scope.name,
                name=chain.name,
                schema=chain.schema,
                schema_known=chain.schema_known,
                certain=False,
                origin=chain.origin,
                evidence=chain.evidence,
                parent=chain,
            )
            self.chains.append(chain)
            is_direct = True
        if verb:
            chain.verb = verb
        if is_direct:
            chain.tail, chain.span = node, self.lines.span(node)
        if method == "execute":
            chain.support()
        return chain

    def _other_method(
        self, holder: Value, node: ast.Call, method: str, positional: list[Value], named: dict[str, Value]
    ) -> Value:
        first = positional[0] if positional else None
        if isinstance(holder, ResultRow) and method in {"get", "pop"} and isinstance(first, Text):
            return self._result_key(holder, first, method)
        if isinstance(holder, Listed) and method in {"append", "extend"}:
            holder.items += first.items if method == "extend" and isinstance(first, Listed) else [first]
            return None
        if isinstance(holder, Dict):
            return self._dict_method(holder, method, first)
        if isinstance(holder, Text) and method == "join" and isinstance(first, Listed):
            texts = [each.value for each in first.items if isinstance(each, Text)]
            if len(texts) == len(first.items):
                return Text(value=holder.value.join(texts), span=self.lines.span(node), literal=False)
        function = holder if isinstance(holder, Client) else self.attribute_of(holder, method)
        return self._called_with(node, function, positional, named)

    def _dict_method(self, holder: Dict, method: str, first: Value) -> Value:
        if method == "copy":
            return replace(holder, keys=dict(holder.keys), values=dict(holder.values))
        if method == "update":
            if isinstance(first, Dict):
                added = joined(holder, first)
                holder.keys, holder.values, holder.complete = added.keys, added.values, added.complete
            else:
                holder.complete = False
        if method == "pop" and isinstance(first, Text):
            holder.keys.pop(first.value, None)
        return holder.values.get(first.value) if method == "get" and isinstance(first, Text) else None

    def result_of(self, function: Function) -> Value:
        """Return what a function of this file returns; None if it is not known."""
        raise NotImplementedError


def _of_schema(holder: Client | Imported | None, name: Value) -> Client:
    """Return what ``holder.schema(name)`` gives."""
    known = name.value if isinstance(name, Text) else None
    proven = isinstance(holder, Client) and holder.proven
    return Client(known, known is not None, proven=proven, origin=_origin(holder))


def _origin(holder: Client | Imported | None) -> str | None:
    """Return the module that a receiver comes from."""
    if isinstance(holder, Imported):
        return holder.module
    return holder.origin if holder is not None else None


def _called_on(node: ast.expr) -> ast.expr:
    """Return the call before this one in a chain."""
    while isinstance(node, ast.Attribute | ast.Await):
        node = node.value
    return node
