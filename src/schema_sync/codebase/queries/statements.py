"""The statements of a file, in their order: what names are bound to, and what functions return."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from schema_sync.codebase.queries.call_expressions import CallExpressions
from schema_sync.codebase.queries.expressions import element_of, is_of_supabase
from schema_sync.codebase.queries.scopes import Class, Function, FunctionNode, Scope, merged, merged_names
from schema_sync.codebase.queries.values import (
    Builder,
    Chain,
    Client,
    Dict,
    Imported,
    Listed,
    Value,
)

_CLIENTS = frozenset(
    {"Client", "AsyncClient", "SyncClient", "create_client", "acreate_client", "create_async_client"}
)
_POSTGREST = frozenset({"PostgrestClient", "SyncPostgrestClient", "AsyncPostgrestClient"})
_OPTIONS = frozenset({"ClientOptions", "SyncClientOptions", "AsyncClientOptions"})


class Statements(CallExpressions):
    """The statements of one file."""

    def read(self, tree: ast.Module) -> None:
        """Read a whole file."""
        module = self.scope
        self.block(tree.body)
        for owner in module.classes.values():
            self._read_methods(owner)
        for function in module.functions.values():
            self.result_of(function)

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Read *statements*; return whether they leave the block around them (``return``, ``raise`` …)."""
        for statement in statements:
            reader = getattr(self, f"_on_{type(statement).__name__.lower()}", None)
            if reader is not None:
                reader(statement)
            else:
                self._all_of(statement)
            if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
                return True
        return False

    def _all_of(self, statement: ast.stmt) -> None:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self.value(child)

    # ---- bindings

    def _on_assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        value = self.value(node.value)
        self.bind(node.target, value if value is not None else self.annotated(node.annotation))

    def _on_augassign(self, node: ast.AugAssign) -> None:
        added = self.value(node.value)
        before = self.value(node.target)
        if isinstance(before, Listed) and isinstance(added, Listed):
            before.items += added.items
        else:
            self.bind(node.target, None)

    def _on_import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.scope.names[name] = Imported(alias.name if alias.asname else name)

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            self.scope.names[alias.asname or alias.name] = imported(module, alias.name)

    def _on_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        self.block(node.body)

    _on_asyncwith = _on_with

    # ---- branches

    def _on_if(self, node: ast.If) -> None:
        self.value(node.test)
        self._branches(node.body, node.orelse)

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.bind(node.target, element_of(self.value(node.iter)))
        self._branches(node.body, [])
        self.block(node.orelse)

    _on_asyncfor = _on_for

    def _on_while(self, node: ast.While) -> None:
        self.value(node.test)
        self._branches(node.body, [])
        self.block(node.orelse)

    def _on_try(self, node: ast.Try | ast.TryStar) -> None:
        before = dict(self.scope.names)
        ended = self.block([*node.body, *node.orelse])
        outcomes = [] if ended else [self.scope.names]
        for handler in node.handlers:
            self.scope.names = dict(before)
            if handler.name:
                self.scope.names[handler.name] = None
            if not self.block(handler.body):
                outcomes.append(self.scope.names)
        self._go_on(outcomes, before)
        self.block(node.finalbody)

    _on_trystar = _on_try

    def _on_match(self, node: ast.Match) -> None:
        self.value(node.subject)
        self._branches(*[case.body for case in node.cases], [])

    def _branches(self, *blocks: Sequence[ast.stmt]) -> None:
        before = dict(self.scope.names)
        outcomes: list[dict[str, Value]] = []
        for block in blocks:
            self.scope.names = dict(before)
            if not self.block(block):
                outcomes.append(self.scope.names)
        self._go_on(outcomes, before)

    def _go_on(self, outcomes: list[dict[str, Value]], before: dict[str, Value]) -> None:
        self.scope.names = outcomes[0] if outcomes else before
        for other in outcomes[1:]:
            self.scope.names = merged_names(self.scope.names, other)

    # ---- functions and classes

    def _on_functiondef(self, node: FunctionNode) -> None:
        for decorator in node.decorator_list:
            self.value(decorator)
        name = f"{self.scope.name}.{node.name}" if self.scope.name else node.name
        function = Function(name, node, self.scope)
        self.scope.names.pop(node.name, None)
        self.scope.functions[node.name] = function
        if self.scope.around is not None:  # one within a function sees what that binds before it
            self.result_of(function)

    _on_asyncfunctiondef = _on_functiondef

    def _on_classdef(self, node: ast.ClassDef) -> None:
        name = f"{self.scope.name}.{node.name}" if self.scope.name else node.name
        made = Class(name)
        for base in node.bases:
            known = self.scope.class_named(base.id) if isinstance(base, ast.Name) else None
            made.bases += [known, *known.bases] if known else []
            self.value(base)
        self.scope.classes[node.name] = made
        self.scope.names.pop(node.name, None)
        outer = self.scope
        self.scope = Scope(name, outer)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                made.methods[statement.name] = Function(f"{name}.{statement.name}", statement, outer, made)
            else:
                self.block([statement])
        made.attributes |= self.scope.names
        self.scope = outer
        if outer.around is not None:
            self._read_methods(made)

    def _read_methods(self, owner: Class) -> None:
        for method in sorted(owner.methods.values(), key=lambda each: each.node.name != "__init__"):
            self.result_of(method)

    def _on_return(self, node: ast.Return) -> None:
        value = self.value(node.value)
        if self.scope.function is not None:
            self.scope.function.returned.append(value)

    def result_of(self, function: Function) -> Value:
        """Return what a function of this file returns, by its annotation or its code; None if it is not known."""
        if function.state == "new":
            function.state = "open"
            outer = self.scope
            self.scope = Scope(function.name, function.around, function.owner, function)
            self._bind_parameters(function.node)
            self.block(function.node.body)
            self.scope = outer
            function.state = "read"
        client = self.annotated(function.node.returns)
        if isinstance(client, Client) or not function.returned:
            return client
        result, *others = function.returned
        for other in others:
            result = merged(result, other)
        if isinstance(result, Builder):
            return Builder(tuple(self._again(chain) for chain in result.chains))
        return None if isinstance(result, Dict | Listed) else result

    def _again(self, chain: Chain) -> Chain:
        """Return a chain that goes on with what a function returns, at each call anew."""
        made = Chain(
            chain.span,
            self.scope.name,
            chain.name,
            chain.schema,
            schema_known=chain.schema_known,
            verb=chain.verb,
            certain=False,
            origin=chain.origin,
            evidence=chain.evidence,
            parent=chain,
        )
        made.parts += chain.parts
        self.chains.append(made)
        return made

    def _bind_parameters(self, node: FunctionNode) -> None:
        arguments = node.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for each in given:
            self.scope.names[each.arg] = self.annotated(each.annotation)
        for several in (arguments.vararg, arguments.kwarg):
            if several is not None:
                self.scope.names[several.arg] = None
        for default in (*arguments.defaults, *arguments.kw_defaults):
            self.value(default)

    def annotated(self, node: ast.expr | None) -> Value:
        """Return what an annotation makes known: a client, an object of another library, or nothing."""
        if node is None:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError):
                return None
        found = [self.scope.value(each.id) for each in ast.walk(node) if isinstance(each, ast.Name)]
        client = next((each for each in found if isinstance(each, Client)), None)
        plain = found[0] if isinstance(node, ast.Name | ast.Attribute) and found else None
        return client or (plain if isinstance(plain, Imported) else None)


def imported(module: str, name: str) -> Value:
    """Return what ``from module import name`` binds."""
    if is_of_supabase(module) and name in _CLIENTS | _POSTGREST:
        return Client()
    if is_of_supabase(module) and name in _OPTIONS:
        return Client(proven=False)
    return Imported(module, name)
