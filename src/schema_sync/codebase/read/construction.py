"""How instances of models and dataclasses are made: what a new field of such a class has to respect.

Authority: the Python library reference, "dataclasses" (the parameters of ``__init__``, ``InitVar``, ``KW_ONLY``);
the Python language reference, "Naming and binding" (what a class's body sees).
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from schema_sync.codebase.read.class_kinds import Kinds, Unknown
from schema_sync.codebase.read.model_fields import Fields
from schema_sync.codebase.scope import Definition, Imported, Module, Symbol, imports
from schema_sync.codebase.syntax import FUNCTIONS, dotted, parse_forward_reference, text_of
from schema_sync.model.declarations import TYPEDDICTS, Construction, Declaration, RowDeclaration


@dataclass
class _Made:
    """What is known of a class so far; ``parameters`` are its own positional ones: name → has a default."""

    bound: set[str] = field(default_factory=set[str])
    seen: set[str] = field(default_factory=set[str])
    parameters: dict[str, bool] = field(default_factory=dict[str, bool])
    keyword: bool = True
    called: bool = False
    placed: bool = False
    below: list[Definition] = field(default_factory=list[Definition])


class Constructions:
    """Finds how instances of the models and dataclasses among declarations, *found* by id, are made."""

    def __init__(self, kinds: Kinds, found: Mapping[str, Declaration]) -> None:
        self._kinds = kinds
        self._fields = Fields(kinds)
        self._made: dict[Definition, _Made] = {}
        self._wanted: dict[str, tuple[Definition, RowDeclaration]] = {}
        for definition in kinds.program.definitions:
            declared = found.get(definition.id) if isinstance(definition.node, ast.ClassDef) else None
            if isinstance(declared, RowDeclaration) and declared.form not in {*TYPEDDICTS, "sqlalchemy"}:
                self._wanted.setdefault(definition.id, (definition, declared))
        for definition, _ in self._wanted.values():
            self._read(definition)

    def stated(self) -> dict[str, Declaration]:
        """Return these models and dataclasses, by id, with how instances of them are made."""
        for definition in list(self._made):
            for ancestor in self._ancestors(definition):
                self._made[ancestor].below.append(definition)
        self._find_calls()
        return {
            id_: replace(declared, made=self._construction(definition))
            for id_, (definition, declared) in self._wanted.items()
        }

    def _construction(self, definition: Definition) -> Construction:
        made = self._made[definition]
        below = [self._made[each] for each in made.below]
        inherited = [self._made[each] for each in self._ancestors(definition)]
        return Construction(
            names=frozenset(made.bound | made.seen).union(*(each.bound | set(each.parameters) for each in below)),
            called=any(each.called for each in (made, *below)),
            placed=any(each.placed for each in (made, *below)),
            extended=any(each.parameters for each in below),
            last=next(reversed(made.parameters), ""),
            defaulted=any(default for each in [made, *inherited] for default in each.parameters.values()),
            keyword=made.keyword,
        )

    def _ancestors(self, definition: Definition) -> list[Definition]:
        """Return the scanned classes that *definition* inherits from, itself left out; not all of very many."""
        found = self._kinds.lineage(definition)[1:]
        for each in found:
            if each not in self._made:
                self._read(each)
        return found

    def _read(self, definition: Definition) -> None:
        made = self._made[definition] = _Made()
        for statement in definition.body:
            made.seen.update(_names_seen(statement))
            if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
                made.bound.update(_names_bound(statement))
        try:
            declared, made.keyword = self._fields.declared(definition)
        except Unknown:
            return  # the reader reports the class as one that cannot be read
        for each in declared:
            if each.hidden or each.arguments.constant("init") is False:
                made.bound.add(each.name)
            elif not each.keyword:
                made.parameters[each.name] = each.arguments.default is not None

    def _find_calls(self) -> None:
        classes = {definition for definition, _ in self._wanted.values()}
        if not classes:
            return
        names = {definition.name.rpartition(".")[2] for definition in classes}
        mentioned = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
        for definition in classes:
            for call in _calls(definition.node):
                if _is_of_own_class(call):
                    self._note(definition, call)
        for module in self._kinds.program.modules:
            if not mentioned.search(module.file.text):
                continue
            local = _local_imports(module)
            for call in _calls(module.file.tree):
                for symbol in self._meant(call.func, module, local):
                    if isinstance(symbol, Definition) and symbol in classes:
                        self._note(symbol, call)

    def _meant(self, node: ast.expr, module: Module, local: Mapping[str, list[Imported]]) -> Iterator[Symbol]:
        """Yield what *node* means at the top level of *module*, or by the imports *local* to its functions."""
        program = self._kinds.program
        yield program.resolve(node, module)
        first, *rest = dotted(node) or [""]
        for binding in local.get(first, ()):
            yield program.along(program.imported(binding, module), rest, module)

    def _note(self, definition: Definition, call: ast.Call) -> None:
        """Note a call of a class; one with ``**row`` may bring a new keyword argument by itself."""
        made = self._made[definition]
        made.called = made.called or all(keyword.arg for keyword in call.keywords)
        made.placed = made.placed or bool(call.args)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_of_own_class(call: ast.Call) -> bool:
    """Return whether a call in the body of a class is ``cls(…)``, ``type(self)(…)`` or ``super().__init__(…)``."""
    function = call.func
    if isinstance(function, ast.Attribute):
        initializes = function.attr == "__init__" and isinstance(function.value, ast.Call)
        return function.attr == "__class__" or initializes
    if isinstance(function, ast.Call):
        return isinstance(function.func, ast.Name) and function.func.id == "type"
    return isinstance(function, ast.Name) and function.id == "cls"


def _local_imports(module: Module) -> Mapping[str, list[Imported]]:
    """Return what the imports within functions bind, by name."""
    found: defaultdict[str, list[Imported]] = defaultdict(list)
    for node in ast.walk(module.file.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, imported in imports(node, module):
                found[name].append(imported)
    return found


def _names_bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    else:
        nodes = ast.walk(statement)
        yield from (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _names_seen(statement: ast.stmt) -> Iterator[str]:
    """Yield what names a statement of a class's body looks up there, not those within functions and classes."""
    stack: list[tuple[ast.AST, bool]] = [(statement, False)]  # a node, and whether strings in it are annotations
    while stack:
        node, annotation = stack.pop()
        if isinstance(node, ast.Name):
            yield from [node.id] if isinstance(node.ctx, ast.Load) else []
        elif isinstance(node, ast.Constant):
            text = text_of(node) if annotation else None
            inner = None if text is None else parse_forward_reference(text)
            stack += [(inner, True)] if inner else []
        else:
            is_literal = isinstance(node, ast.Subscript) and (dotted(node.value) or [""])[-1] == "Literal"
            inner_annotation = annotation and not is_literal
            stack += [(part, is_annotation or inner_annotation) for part, is_annotation in _parts(node)]


def _parts(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Yield what of *node* the body of a class evaluates, and whether it is an annotation."""
    if isinstance(node, FUNCTIONS):
        yield from ((part, False) for part in [*node.decorator_list, node.args])
        yield from [(node.returns, True)] if node.returns else []
    elif isinstance(node, ast.ClassDef):
        yield from ((part, False) for part in [*node.decorator_list, *node.bases, *node.keywords])
    elif isinstance(node, ast.Lambda):
        yield node.args, False
    else:
        annotation = getattr(node, "annotation", None)
        yield from ((part, part is annotation) for part in ast.iter_child_nodes(node))
