"""Where scanned code refers to declarations.

Authority: the Python language reference, "Naming and binding": names are looked up in the functions around
them, then in the module; the names of a class's body are seen by that body alone.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from schema_sync.codebase.program import Program
from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.scope import Definition, Imported, Module, Symbol, imports
from schema_sync.codebase.syntax import elements, parse_forward_reference
from schema_sync.model.declarations import Declaration, EnumDeclaration, Location, ResultDeclaration, Use
from schema_sync.model.graph import needed_first

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_ANNOTATED_ARGUMENT = {"typing.NewType": 1, "typing.TypedDict": 1, "typing.cast": 0}
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class _Scope(NamedTuple):
    """The names around a node: those of a class's body, or the locals of a function, and what is outside.

    The first argument of a method is a local that means the class: it, or an instance of it, has its members.
    """

    inside: frozenset[str] = frozenset()
    body_of: Definition | None = None
    locals: Mapping[str, Imported | Definition | None] = {}
    outer: _Scope | None = None


class _Visit(NamedTuple):
    """A node to look at; in an ``annotation`` strings are annotations too, ``at`` is where such a one stands."""

    node: ast.AST
    scope: _Scope
    annotation: bool = False
    at: Location | None = None


def uses(program: Program, declarations: Mapping[str, Declaration | ResultDeclaration]) -> list[Use]:
    """Return every use of *declarations* (by id) in the modules of *program*, in no particular order.

    Left out: the declarations themselves, and what a class's own body says of the class, its members apart.
    """
    members = {
        id_: {member.name: member.value for member in declaration.members}
        for id_, declaration in declarations.items()
        if isinstance(declaration, EnumDeclaration) and declaration.form != "literal"
    }
    walk = _Walk(program, declarations.keys(), members)
    for module in program.modules:
        walk.through(module)
    return walk.found


def _below(program: Program, members: Mapping[str, object]) -> Mapping[str, Sequence[str]]:
    """Return the Enum classes with members by the ids of their scanned bases."""
    kinds, found = Kinds(program), defaultdict[str, list[str]](list)
    for definition in program.definitions:
        if definition.id in members:
            for base in needed_first(definition, kinds.definitions):
                if base is not definition:
                    found[base.id].append(definition.id)
    return found


class _Walk:
    """Finds uses of the declarations *ids*; *members* has names and values of those that are Enums."""

    def __init__(
        self, program: Program, ids: Collection[str], members: Mapping[str, Mapping[str, str | None]]
    ) -> None:
        self.found: list[Use] = []
        self._program, self._ids, self._members = program, ids, members
        self._below = _below(program, members)
        self._definitions: dict[ast.AST, Definition] = {d.node: d for d in program.definitions}
        self._stack: list[_Visit] = []
        self._visitors: dict[type[ast.AST], Callable[[Any, _Visit], None]] = {  # a node of the key's type
            ast.AnnAssign: self._annotated,
            ast.AsyncFunctionDef: self._function,
            ast.Assign: self._assign,
            ast.Attribute: self._reference,
            ast.Call: self._call,
            ast.ClassDef: self._class,
            ast.Constant: self._constant,
            ast.FunctionDef: self._function,
            ast.ImportFrom: self._import,
            ast.Lambda: self._function,
            ast.Name: self._reference,
            ast.Subscript: self._subscript,
            ast.arg: self._argument,
        }

    def through(self, module: Module) -> None:
        self._module = module
        for entry in module.exports:
            symbol = self._program.lookup(module, str(entry.value))
            self._record(symbol, [], _Visit(entry, _Scope()), listing=True)
        self._stack.append(_Visit(module.file.tree, _Scope()))
        while self._stack:
            visit = self._stack.pop()
            self._visitors.get(type(visit.node), self._children)(visit.node, visit)

    def _record(self, symbol: Symbol, rest: list[str], visit: _Visit, *, listing: bool = False) -> None:
        """Note the declarations that *symbol* and its attributes *rest*, one after the other, means."""
        node, at = visit.node, visit.at
        if at is None and isinstance(node, ast.expr | ast.alias):
            at = self._module.file.at(node)
        for name in [*rest, None]:
            symbol = self._program.follow(symbol)
            if symbol is None or at is None:
                return
            if isinstance(symbol, Definition):
                self._add(symbol, name, visit, at, listing=listing)
            symbol = self._program.step(symbol, name, self._module) if name else None

    def _add(self, symbol: Definition, name: str | None, visit: _Visit, at: Location, *, listing: bool) -> None:
        """Note a use of a class's member *name*, also within the class, else one of the class itself.

        A base without members uses those of the classes below it.
        """
        id_, inside = symbol.id, visit.scope.inside
        within = tuple(sorted(inside.intersection(self._ids)))
        found = [(each, name) for each in (id_, *self._below.get(id_, ())) if name in self._members.get(each, ())]
        if not found and id_ in self._ids and id_ not in inside:
            found = [(id_, None)]
        for each, member in found:
            self.found.append(Use(declaration=each, member=member, listing=listing, within=within, at=at))

    def _lookup(self, name: str, scope: _Scope) -> Symbol:
        around: _Scope | None = scope
        while around:
            if around.body_of and name in around.body_of.members:
                return around.body_of.members[name]
            if name in around.locals:
                binding = around.locals[name]
                return self._program.imported(binding, self._module) if isinstance(binding, Imported) else binding
            around = around.outer
        return self._program.lookup(self._module, name)

    def _children(self, node: ast.AST, visit: _Visit) -> None:
        self._push(visit, ast.iter_child_nodes(node), annotation=visit.annotation)

    def _push(self, visit: _Visit, nodes: Iterable[ast.AST | None], *, annotation: bool) -> None:
        _, scope, _, at = visit
        self._stack += [_Visit(node, scope, annotation, at) for node in nodes if node]

    def _import(self, node: ast.ImportFrom, visit: _Visit) -> None:
        for alias, (_, imported) in zip(node.names, imports(node, self._module), strict=True):
            symbol = self._program.imported(imported, self._module)
            self._record(symbol, [], visit._replace(node=alias), listing=True)

    def _reference(self, node: ast.Name | ast.Attribute, visit: _Visit) -> None:
        names = _names(node)
        own = visit.scope.body_of
        if names is None:
            self._children(node, visit)
        elif isinstance(node, ast.Name) and own and node.id in self._members.get(own.id, ()):
            self._record(own, [node.id] if isinstance(node.ctx, ast.Load) else [], visit)
        elif isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
            self._record(self._lookup(names[0], visit.scope), names[1:], visit)

    def _constant(self, node: ast.Constant, visit: _Visit) -> None:
        if visit.annotation and isinstance(node.value, str):
            inner = parse_forward_reference(node.value)
            if inner:
                self._stack.append(visit._replace(node=inner, at=visit.at or self._module.file.at(node)))

    def _subscript(self, node: ast.Subscript, visit: _Visit) -> None:
        names = _names(node.value)
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        library = self._program.name_of(node.value, self._module)
        if names and not library and not visit.annotation and isinstance(key, str):
            self._record(self._lookup(names[0], visit.scope), [*names[1:], key], visit)
            return
        self._stack.append(visit._replace(node=node.value))
        if library == "typing.Annotated":
            first = elements(node)[:1]
            self._push(visit, first, annotation=True)
            self._push(visit, elements(node)[1:], annotation=False)
            return
        annotation = visit.annotation or library.startswith("typing.")
        self._push(visit, [node.slice], annotation=annotation and library != "typing.Literal")

    def _call(self, node: ast.Call, visit: _Visit) -> None:
        by_value = self._member_by_value(node, visit)
        annotated = _ANNOTATED_ARGUMENT.get(self._program.name_of(node, self._module))
        for index, argument in enumerate(node.args):
            self._push(visit, [argument], annotation=index == annotated)
        self._push(visit, [*([] if by_value else [node.func]), *node.keywords], annotation=False)

    def _member_by_value(self, node: ast.Call, visit: _Visit) -> bool:
        """Note the member in ``Status("live")`` or ``getattr(Status, "LIVE")``; whether it is the former."""
        last = node.args[-1].value if node.args and isinstance(node.args[-1], ast.Constant) else None
        is_getattr = isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1
        names = _names(node.args[0] if is_getattr else node.func)
        if not isinstance(last, str) or not names:
            return False
        symbol = self._program.along(self._lookup(names[0], visit.scope), names[1:], self._module)
        id_ = symbol.id if isinstance(symbol, Definition) else ""
        known: Mapping[str, str | None] = self._members.get(id_, {})
        found = [name for name, value in known.items() if last == (name if is_getattr else value)][:1]
        if found:
            self._record(symbol, found, visit)
        return bool(found) and not is_getattr

    def _argument(self, node: ast.arg, visit: _Visit) -> None:
        self._push(visit, [node.annotation], annotation=True)

    def _annotated(self, node: ast.AnnAssign, visit: _Visit) -> None:
        self._push(visit, [node.annotation], annotation=True)
        definition = self._definitions.get(node)
        explicit = definition is not None and definition.explicit
        self._push(self._within(visit), [node.target, node.value], annotation=explicit)

    def _assign(self, node: ast.Assign, visit: _Visit) -> None:
        self._children(node, self._within(visit))

    def _within(self, visit: _Visit) -> _Visit:
        """Return *visit* with the declaration that its statement makes, if any, among those it stands in."""
        definition = self._definitions.get(visit.node)
        if definition is None:
            return visit
        scope = visit.scope._replace(inside=visit.scope.inside | {definition.id})
        return visit._replace(scope=scope)

    def _class(self, node: ast.ClassDef, visit: _Visit) -> None:
        self._push(visit, [*node.decorator_list, *node.bases, *node.keywords], annotation=False)
        inside = self._within(visit).scope.inside
        scope = _Scope(inside=inside, body_of=self._definitions.get(node), outer=_for_inner(visit.scope))
        self._push(visit._replace(scope=scope), node.body, annotation=False)

    def _function(self, node: _Function, visit: _Visit) -> None:
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        names = _locals(node, body, self._module)
        first = [*node.args.posonlyargs, *node.args.args][:1]
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        is_static = any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)
        if visit.scope.body_of and first and not is_static:
            names[first[0].arg] = visit.scope.body_of
        scope = _Scope(inside=visit.scope.inside, locals=names, outer=_for_inner(visit.scope))
        self._push(visit._replace(scope=scope), body, annotation=False)
        self._push(visit, [node.args, *decorators], annotation=False)
        if not isinstance(node, ast.Lambda):
            self._push(visit, [node.returns], annotation=True)


def _for_inner(scope: _Scope) -> _Scope | None:
    """Return what a function or class within *scope* sees of it: not the names of a class's body."""
    return scope.outer if scope.body_of else scope


def _names(node: ast.expr) -> list[str] | None:
    """Return the names of ``a.b.c``; ``type(a)``, ``a.__class__`` and ``a.__members__`` map to ``a``."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names += [node.attr] if node.attr not in {"__class__", "__members__"} else []
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type":
        node = node.args[0] if len(node.args) == 1 else node
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else None


def _locals(node: _Function, body: Sequence[ast.AST], module: Module) -> dict[str, Imported | Definition | None]:
    """Return the names that a function binds: what it imports, and None for those that mean nothing here."""
    found: dict[str, Imported | Definition | None] = {}
    foreign: set[str] = set()
    stack: list[ast.AST] = [node.args, *body]
    while stack:
        inner = stack.pop()
        if isinstance(inner, ast.arg):
            found[inner.arg] = None
        elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            found[inner.id] = None
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            found.update(imports(inner, module))
        elif isinstance(inner, ast.Global | ast.Nonlocal):
            foreign.update(inner.names)
        elif not isinstance(inner, _SCOPES):
            stack += ast.iter_child_nodes(inner)
        elif not isinstance(inner, ast.Lambda):
            found[inner.name] = None
    return {name: binding for name, binding in found.items() if name not in foreign}
