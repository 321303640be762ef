"""The statements of a file, in their order: what names are bound to, and what functions return."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence

from schema_sync.codebase.queries.call_expressions import BEGINNING, CallExpressions
from schema_sync.codebase.queries.expressions import MOST, element_of, imported
from schema_sync.codebase.queries.lines import Lines
from schema_sync.codebase.queries.merging import merged, settle
from schema_sync.codebase.queries.sql import is_connection
from schema_sync.codebase.queries.values import (
    Builder,
    Chain,
    Class,
    Client,
    Dict,
    Function,
    FunctionNode,
    Imported,
    Instance,
    Listed,
    Scope,
    Value,
)
from schema_sync.codebase.syntax import parse_forward_reference
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import Text

_OF_TYPES = frozenset({"typing", "typing_extensions", "collections", "types"})
_MISSING_KEY = frozenset({"KeyError", "LookupError"})


class Statements(CallExpressions):
    """The statements of one file."""

    def __init__(self, lines: Lines, known_wrappers: Sequence[QueryWrapper] = ()) -> None:
        super().__init__(lines, known_wrappers)
        self._functions: list[Function] = []

    def read(self, tree: ast.Module) -> None:
        """Read a whole file: first what it binds, then its functions, methods before others."""
        self.block(tree.body)
        methods = [each for each in self._functions if each.owner is not None]
        for function in [*methods, *self._functions]:
            self.result_of(function)

    def strangers(self) -> frozenset[str]:
        """Return the names of the module whose values, or what they give if they are called, are no clients."""
        found: set[str] = set()
        for name, value in self.scope.names.all.items():
            given = value.returned if isinstance(value, Function) else [value]
            if given and all(map(_is_stranger, given)):
                found.add(name)
        return frozenset(found)

    def connections(self) -> frozenset[str]:
        """Return the names of the module, and of attributes, that are or give connections to PostgreSQL."""
        found: set[str] = set()
        for name, value in self.scope.names.all.items():
            given = [value]
            if isinstance(value, Function):
                given = [self.annotated(value.node.returns), *value.returned]
            found.update(name for each in given if is_connection(each))
            if isinstance(value, Instance):
                found.update(f"{name}.{own}" for own, each in value.of.attributes.items() if is_connection(each))
        return frozenset(found)

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
            before.items += added.items[: MOST - len(before.items)]
        elif isinstance(before, Dict) and isinstance(added, Dict):
            before.add(added)
        else:
            self.bind(node.target, self.combined(node.op, before, added, node.target))

    def _on_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope.names[target.id] = None
            elif isinstance(target, ast.Subscript):
                holder, key = self.value(target.value), self.value(target.slice)
                if isinstance(holder, Dict) and isinstance(key, Text):
                    holder.remove(key.value)

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
        """Read all branches of one ``if``, one after the other: there may be many ``elif``."""
        blocks: list[list[ast.stmt]] = []
        rest: list[ast.stmt] = [node]
        while len(rest) == 1 and isinstance(rest[0], ast.If):
            self.value(rest[0].test)
            blocks.append(rest[0].body)
            rest = rest[0].orelse
        self._branches(*blocks, rest)

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
        names = self.scope.names
        before = self.catches_missing_keys
        self.catches_missing_keys |= any(_catches_missing_key(handler) for handler in node.handlers)
        names.begin_branch()
        ended = self.block(node.body)
        self.catches_missing_keys = before
        ended |= self.block(node.orelse)
        outcomes = [names.end_branch()] * (not ended)
        for handler in node.handlers:
            names.begin_branch()
            if handler.name:
                names[handler.name] = None
            ended = self.block(handler.body)
            outcomes += [names.end_branch()] * (not ended)
        settle(names, outcomes)
        self.block(node.finalbody)

    _on_trystar = _on_try

    def _on_match(self, node: ast.Match) -> None:
        self.value(node.subject)
        for case in node.cases:
            for each in ast.walk(case.pattern):
                name = each.rest if isinstance(each, ast.MatchMapping) else getattr(each, "name", None)
                if isinstance(name, str):
                    self.scope.names[name] = None
            self.value(case.guard)
        self._branches(*[case.body for case in node.cases], [])

    def _branches(self, *blocks: Sequence[ast.stmt]) -> None:
        outcomes: list[dict[str, Value]] = []
        for block in blocks:
            self.scope.names.begin_branch()
            ended = self.block(block)
            names = self.scope.names.end_branch()
            outcomes += [] if ended else [names]
        settle(self.scope.names, outcomes)

    # ---- functions and classes

    def _on_functiondef(self, node: FunctionNode) -> None:
        for decorator in node.decorator_list:
            self.value(decorator)
        name = f"{self.scope.name}.{node.name}" if self.scope.name else node.name
        function = Function(name, node, self.scope)
        self.scope.names[node.name] = function
        self._functions.append(function)
        if self.scope.around is not None:  # one within a function sees what that binds before it
            self.result_of(function)

    _on_asyncfunctiondef = _on_functiondef

    def _on_classdef(self, node: ast.ClassDef) -> None:
        name = f"{self.scope.name}.{node.name}" if self.scope.name else node.name
        made = Class(name)
        for base in node.bases:
            self._extend(made, base.value if isinstance(base, ast.Subscript) else base)
        outer = self.scope
        self.scope = Scope(name, outer)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self._add_method(made, statement, outer)
            else:
                self.block([statement])
                self._forget_default(node, statement)
        made.attributes |= self.scope.names.all
        self.scope = outer
        self.scope.names[node.name] = made
        if outer.around is not None:
            for method in made.methods.values():
                self.result_of(method)

    def _forget_default(self, node: ast.ClassDef, statement: ast.stmt) -> None:
        """Forget the value of a field: in a dataclass or model it is a default, and an instance has its own."""
        is_record = bool(node.decorator_list or node.bases)
        if is_record and isinstance(statement, ast.AnnAssign) and not _is_of_class(statement.annotation):
            self.bind(statement.target, self.annotated(statement.annotation))

    def _extend(self, made: Class, node: ast.expr) -> None:
        base = self.value(node)
        if isinstance(base, Class):
            made.bases += [base, *base.bases]
            made.outside = made.outside or base.outside
        elif isinstance(base, Client | Imported):
            made.outside = base
        elif not (isinstance(node, ast.Name) and hasattr(builtins, node.id)):
            made.outside = Imported(".")  # of somewhere in the project, as far as is known

    def _add_method(self, owner: Class, node: FunctionNode, outer: Scope) -> None:
        for decorator in node.decorator_list:
            self.value(decorator)
        method = Function(f"{owner.name}.{node.name}", node, outer, owner)
        if node.name == "__init__":
            self._functions.insert(0, method)
        else:
            self._functions.append(method)
        owner.methods.setdefault(node.name, method)  # a property's setter has the name of its getter

    def _on_return(self, node: ast.Return) -> None:
        value = self.value(node.value)
        if self.scope.function is not None:
            self.scope.function.returned.append(value)

    def result_of(self, function: Function, given: Mapping[str, Value] | None = None) -> Value:
        """Return what a function of this file returns, by its annotation or its code; None if it is not known."""
        if not function.is_read:
            self._read_function(function)
        client = self.annotated(function.node.returns)
        if isinstance(client, Client) or not function.returned:
            return client
        result, *others = function.returned
        for other in others:
            result = merged(result, other)
        match result:
            case Builder():
                return Builder(tuple(self._again(chain, given or {}) for chain in result.chains))
            case Dict():
                return result.copy()
            case Listed():
                return Listed([each.copy() if isinstance(each, Dict) else each for each in result.items])
            case _:
                return result

    def _read_function(self, function: Function) -> None:
        function.is_read = True
        outer, guarded = self.scope, self.catches_missing_keys
        self.scope = Scope(function.name, function.around, function.owner, function)
        self.catches_missing_keys = False
        self._bind_parameters(function)
        self.block(function.node.body)
        self.scope, self.catches_missing_keys = outer, guarded

    def _again(self, chain: Chain, given: Mapping[str, Value]) -> Chain:
        """Return a new chain that goes on with what a function returns where it is *given* these arguments."""
        named = given.get(chain.named_by)
        made = chain.continued(chain.span, self.scope.name)
        made.name = named if isinstance(named, Text) else chain.name
        made.verb = chain.verb
        made.parts += chain.parts
        self.chains.append(made)
        return made

    def _bind_parameters(self, function: Function) -> None:
        arguments = function.node.args
        by_position = [*arguments.posonlyargs, *arguments.args]
        for each in (*by_position, *arguments.kwonlyargs):
            self.scope.names[each.arg] = self.annotated(each.annotation)
        if by_position and function.receiver is not None:
            self.scope.names[by_position[0].arg] = function.receiver
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
            node = parse_forward_reference(node.value)
        found = [self.value(each) for each in _names_in(node)]
        client = next((each for each in found if isinstance(each, Client)), None)
        others = (each for each in found if isinstance(each, Class) or _is_of_a_library(each))
        known = client or next(others, None)
        if isinstance(known, Class):
            return known.outside if isinstance(known.outside, Client) else Instance(known)
        return known


def _names_in(node: ast.expr | None) -> list[ast.expr]:
    """Return the dotted names in an annotation, in their order."""
    found: list[ast.expr] = []
    pending = [node] if node is not None else []
    while pending:
        each = pending.pop()
        if isinstance(each, ast.Name) or (isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)):
            found.append(each)
        else:
            pending += reversed([child for child in ast.iter_child_nodes(each) if isinstance(child, ast.expr)])
    return found


def _is_of_a_library(value: Value) -> bool:
    """Return whether *value* comes from a module, other than those which only state how types are put together."""
    return isinstance(value, Imported) and value.module.partition(".")[0] not in _OF_TYPES


def _catches_missing_key(handler: ast.ExceptHandler) -> bool:
    """Return whether *handler* is for keys that are not there."""
    names = ast.walk(handler.type) if handler.type is not None else ()
    return any(isinstance(each, ast.Name) and each.id in _MISSING_KEY for each in names)


def _is_of_class(annotation: ast.expr) -> bool:
    """Return whether an attribute with this annotation belongs to the class, not to each instance."""
    names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute)}
    return bool(names & {"ClassVar", "Final"})


def _is_stranger(value: Value) -> bool:
    """Return whether *value* is of a class of this file that is no client, and whose methods give no query."""
    if not isinstance(value, Class | Instance):
        return False
    owner = value if isinstance(value, Class) else value.of
    methods = [method for name in BEGINNING if (method := owner.method(name)) is not None]
    is_open = owner.outside is not None or owner.method("__getattr__") is not None
    return not is_open and not any(isinstance(each, Builder) for method in methods for each in method.returned)
