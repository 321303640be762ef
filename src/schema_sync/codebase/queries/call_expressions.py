"""What calls in a file are: the chains that ask Supabase, and what functions do with what matters to them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace

from schema_sync.codebase.queries import chain_methods, sql, wrappers
from schema_sync.codebase.queries.chain_methods import Call
from schema_sync.codebase.queries.expressions import MOST, Expressions, element_of, given_value
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
    Response,
    ResultRow,
    Rows,
    Value,
)
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Key, Span, Text

BEGINNING = {"table": "table_name", "from_": "table_name", "rpc": "fn"}
_NOT_A_CLIENT = re.compile("storage|bucket|mock|fake|stub", re.IGNORECASE)
_KEEPING = frozenset(
    {
        *("all", "any", "bool", "enumerate", "filter", "float", "int", "isinstance", "iter", "len", "list", "map"),
        *(
            "max",
            "min",
            "next",
            "print",
            "range",
            "repr",
            "reversed",
            "set",
            "sorted",
            "str",
            "sum",
            "tuple",
            "zip",
        ),
        *("append", "debug", "dump", "dumps", "error", "exception", "extend", "gather", "info", "loads"),
        *("model_validate", "setattr", "warning"),
    }
)
"""Functions that add no keys to the rows which they are given."""


class CallExpressions(Expressions):
    """The calls of one file."""

    def _call(self, node: ast.Call) -> Value:
        if wrapper := wrappers.wrapper_of(node.func, self.wrappers):
            return self._wrapper_call(node, wrapper)
        if isinstance(node.func, ast.Attribute):
            return self._method_call(node, node.func)
        function = self.value(node.func)
        positional, named = self._arguments(node)
        if isinstance(node.func, ast.Name) and function is None:
            if node.func.id == "dict":
                return self._dict_call(node, positional, named)
            if positional and (made := _built_in(node.func.id, positional)) is not None:
                return made
        return self._called_with(node, function, positional, named)

    def _dict_call(self, node: ast.Call, positional: list[Value], named: dict[str, Value]) -> Dict:
        first = positional[0] if positional else None
        made = first.copy() if isinstance(first, Dict) else Dict(self.lines.span(node), complete=not positional)
        for keyword in node.keywords:
            self._put_keyword(made, keyword, named)
        return made

    def _called_with(
        self, node: ast.Call, function: Value, positional: list[Value], named: dict[str, Value]
    ) -> Value:
        """Return what *function* gives, and note that it has the arguments now; it may call those that can be."""
        first, second = [*positional, None, None][:2]
        if function == Imported("typing", "cast"):
            return second
        if function == Imported("textwrap", "dedent") and isinstance(first, Text):
            return first  # nothing depends on white space at the start of lines
        if isinstance(function, Imported) and function.module == "copy" and isinstance(first, Dict):
            return first.copy()
        if (call := sql.call_of(node, self.scope, function, positional, named)) is not None:
            self.sql_calls.append(call)
        self._let_go(node.func, function, [*positional, *(named[name] for name in named if name != "**")])
        if len(positional) == len(node.args):
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
        positional: list[Value] = []
        for each in node.args:
            if isinstance(each, ast.Starred):
                several = self.value(each.value)
                positional += several.items if isinstance(several, Listed) else [None]
            else:
                positional.append(self.value(each))
        named = {each.arg or "**": self.value(each.value) for each in node.keywords}
        return positional, named

    def _let_go(self, node: ast.expr, function: Value, given: Sequence[Value]) -> None:
        """Note that *function* has these dicts and rows now, and may add keys to them."""
        name = _last_word(node)
        keeps = (
            name in _KEEPING or name[:1].isupper() or (isinstance(function, Function) and not function.adds_keys)
        )
        for each in given:
            for item in each.items if isinstance(each, Listed) else [each]:
                if isinstance(item, Dict):
                    item.complete = False
                elif isinstance(item, Rows | ResultRow) and not item.path and not keeps:
                    for chain in item.chains:
                        chain.is_shared = True

    def _called(self, function: Value, positional: list[Value], named: dict[str, Value]) -> Value:
        """Return what a call of *function* gives."""
        match function:
            case Function():
                taken = function.parameters[function.receiver is not None :]
                return self.result_of(function, {**dict(zip(taken, positional, strict=False)), **named})
            case Class(outside=Client() as client):
                return client
            case Class():
                return Instance(function)
            case Client():
                return _client_of(function, positional, named)
            case Imported():
                return function
            case _:
                return None

    def _method_call(self, node: ast.Call, function: ast.Attribute) -> Value:
        method = function.attr
        holder = self.value(function.value)
        positional, named = self._arguments(node)
        if isinstance(holder, Instance | Class):
            owner = holder.of if isinstance(holder, Instance) else holder
            own = owner.method(method)
            if own is not None:
                return self._called_with(node, own, positional, named)
            holder = owner.outside if method in {*BEGINNING, "schema"} else holder
            if holder is None and owner.method("__getattr__") is None:
                return None
        if isinstance(holder, Builder):
            return self._chained(holder, node, function.value, positional, named)
        if holder is None or isinstance(holder, Client | Imported):
            if method in BEGINNING:
                return self._begun(holder, node, method, positional, named)
            if method == "schema" and len(positional) == 1:
                return _of_schema(holder, positional[0])
        return self._other_method(holder, node, method, positional, named)

    def _wrapper_call(self, node: ast.Call, wrapper: QueryWrapper) -> Value:
        """Return the rows of a call of the project's own wrapper."""
        if isinstance(node.func, ast.Attribute):
            self.value(node.func.value)
        positional, named = self._arguments(node)
        table = wrappers.argument(wrapper.table, positional, named)
        chain = Chain(
            span=self.lines.span(node),
            function=self.scope.name,
            name=table if isinstance(table, Text) else None,
            verb=wrappers.verb_of(wrapper, writes=wrappers.is_given(wrapper.payload, positional, named)),
            certain=False,
            evidence=True,
        )
        chain.parts += wrappers.parts_of(wrapper, positional, named, chain.span)
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
        first = positional[0] if positional else named.get(BEGINNING[method])
        count = len(positional) + len(named)
        if (
            holder == Imported("")
            or not count
            or (method != "rpc" and count > 1)
            or (method != "rpc" and named and not first)
        ):
            return None
        chain = Chain(
            span=self.lines.span(node),
            function=self.scope.name,
            name=first if isinstance(first, Text) else None,
            schema=client.schema,
            schema_known=client.schema_known,
            origin=_origin(holder),
            evidence=client.proven or _is_named_as_client(node),
            tail=node,
            named_by=self._parameter(node.args[0]) if node.args and first is None else "",
        )
        if method == "rpc":
            chain.verb = "rpc"
            chain.parts += chain_methods.parts_of(Call("rpc", [chain.span], positional, named, certain=True))
        self.chains.append(chain)
        return Builder((chain,))

    def _parameter(self, node: ast.expr) -> str:
        """Return the name of the function's parameter that *node* is; an empty string if it is none."""
        function = self.scope.function
        is_one = function is not None and isinstance(node, ast.Name) and node.id in function.parameters
        return node.id if is_one and isinstance(node, ast.Name) else ""

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
            chain.parts += chain_methods.parts_of(call)
            chain.yields_one |= method in chain_methods.ONE_ROW
        return Builder(chains)

    def _spans(self, node: ast.Call) -> list[Span]:
        return [self.lines.span(each) for each in node.args] or [self.lines.span(node)]

    def _continued(self, chain: Chain, node: ast.Call, holder: ast.expr, method: str) -> Chain:
        """Return the chain that *method* adds to: a new one where a variable's begins another query."""
        is_direct = chain.tail is not None and _called_on(holder) is chain.tail
        verb = chain_methods.VERBS.get(method)
        if verb and chain.verb is not None and method == "select":
            verb = None  # what comes back of what is written
        if verb and not is_direct:
            chain = chain.continued(self.lines.span(node), self.scope.name)
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
        match holder:
            case ResultRow():
                return self._row_method(holder, method, positional)
            case Listed() if method in {"append", "extend"}:
                added = first.items if method == "extend" and isinstance(first, Listed) else [first]
                holder.items += added[:MOST] if len(holder.items) <= MOST else []
                return None
            case Rows() if method in {"append", "extend", "insert"}:
                for chain in holder.chains:
                    chain.is_shared = True  # the list has other rows too
                return None
            case Dict():
                return self._dict_method(holder, method, positional, named)
            case Text() if method == "join" and isinstance(first, Listed):
                return self.text(first.items, node, holder.value)
            case _:
                function = holder if isinstance(holder, Client) else self.attribute_of(holder, method)
                return self._called_with(node, function, positional, named)

    def _row_method(self, row: ResultRow, method: str, positional: list[Value]) -> Value:
        first = positional[0] if positional else None
        if method in {"get", "pop"} and isinstance(first, Text):
            return self._result_key(row, first, "get" if len(positional) > 1 else method)
        if method == "setdefault" and isinstance(first, Text):
            self.add_key(row, first.value)
        if method == "update":
            for chain in row.chains:
                chain.is_shared |= not (isinstance(first, Dict) and first.complete)
            for name in first.keys if isinstance(first, Dict) else ():
                self.add_key(row, name)
        return None

    def _dict_method(self, holder: Dict, method: str, positional: list[Value], named: dict[str, Value]) -> Value:
        first, second = [*positional, None, None][:2]
        if method == "copy":
            return holder.copy()
        if method == "update":
            if isinstance(first, Dict):
                holder.add(first)
            holder.complete &= isinstance(first, Dict) and not named
        if not isinstance(first, Text):
            return None
        if method == "pop":
            holder.remove(first.value)
        if method == "setdefault" and first.value not in holder.keys:
            holder.keys[first.value] = Key(name=first.value, span=first.span, value=given_value(second))
            holder.values[first.value] = second
        return holder.values.get(first.value) if method in {"get", "setdefault"} else None


def _built_in(name: str, positional: list[Value]) -> Value:
    """Return what a built-in function gives of rows and lists; None if that is not known."""
    first = positional[0]
    if name in {"list", "tuple", "sorted", "reversed", "iter"} and isinstance(first, Rows | Listed):
        return first
    if name in {"next", "max", "min"}:
        return element_of(first)
    if name == "enumerate":
        return Listed([Listed([None, element_of(first)])])
    if name == "zip":
        return Listed([Listed([element_of(each) for each in positional])])
    return None


def _client_of(function: Client, positional: list[Value], named: dict[str, Value]) -> Client:
    """Return the client that a call of Supabase's own functions makes, or its options."""
    by_position = positional[0] if positional and not function.proven else None
    schema = named.get("schema", by_position)
    if "schema" in named or "**" in named or by_position is not None:
        known = schema.value if isinstance(schema, Text) else None
        return Client(known, known is not None, proven=function.proven)
    options = named.get("options", positional[2] if len(positional) > 2 else None)  # noqa: PLR2004
    if isinstance(options, Client):
        return replace(options, proven=True)
    is_given = "options" in named or len(positional) > 2  # noqa: PLR2004
    is_none = options == Literal(value=None)
    return replace(function, schema_known=not is_given or is_none)


def _last_word(node: ast.expr) -> str:
    """Return the last name of a dotted one, also where it is called or awaited."""
    while isinstance(node, ast.Call | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_named_as_client(node: ast.Call) -> bool:
    """Return whether what the method is called on is named after Supabase."""
    name = _last_word(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return "supabase" in name.lower() and _NOT_A_CLIENT.search(name) is None


def _of_schema(holder: Client | Imported | None, name: Value) -> Client:
    """Return what ``holder.schema(name)`` gives."""
    known = name.value if isinstance(name, Text) else None
    proven = isinstance(holder, Client) and holder.proven
    return Client(known, known is not None, proven=proven, origin=_origin(holder))


def _origin(holder: Client | Imported | None) -> Imported | None:
    """Return what a receiver comes from, where that is imported."""
    return holder if isinstance(holder, Imported) or holder is None else holder.origin


def _called_on(node: ast.expr) -> ast.expr:
    """Return the call before this one in a chain."""
    while isinstance(node, ast.Attribute | ast.Await):
        node = node.value
    return node
