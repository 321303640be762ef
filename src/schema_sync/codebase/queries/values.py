"""What an expression of the code may be, as far as queries are concerned, and the names that are bound to it.

None means a value of which nothing is known.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from functools import cached_property

from schema_sync.model.queries import AnyPart, Key, Row, Span, Text, Verb

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Client:
    """A Supabase client, and the schema that it or its options name.

    ``proven`` is False where nothing but ``.schema("name")`` shows that it is one; ``origin`` is then what is
    imported, where that is known.
    """

    schema: str | None = None
    schema_known: bool = True
    proven: bool = True
    origin: Imported | None = None


@dataclass(frozen=True)
class Imported:
    """An object that comes from the module *module*, absolute or relative (with leading dots).

    Of a module of the project it may be a client; of another library it is not. An empty name is that of a part of
    Supabase that has no tables, such as its storage.
    """

    module: str
    name: str = ""


@dataclass(frozen=True)
class Literal:
    """A number, a truth value or None."""

    value: float | bool | None


@dataclass(frozen=True)
class Opening:
    """A string of which the beginning alone is known."""

    value: str


@dataclass(eq=False)
class Chain:
    """A query that is being put together; calls that reach it through variables add to it.

    Attributes:
        origin: what its receiver comes from, where that is imported.
        evidence: whether it is known to be Supabase's: its client is known, or the chain is executed.
        yields_one: whether the result is one row, not a list.
        added: keys that the code itself adds to the rows of the result.
        named_by: the parameter of the function around it that gives its name; empty where none does.
        is_shared: whether other code has its rows too, and may add keys to them.
        tail: the last call of the chain so far, in the expression where it begins.
        parent: the chain that a variable or a function holds, and this one goes on with.
    """

    span: Span
    function: str
    name: Text | None
    schema: str | None = None
    schema_known: bool = True
    verb: Verb | None = None
    certain: bool = True
    origin: Imported | None = None
    evidence: bool = False
    yields_one: bool = False
    parts: list[AnyPart] = field(default_factory=list)
    added: set[str] = field(default_factory=set)
    named_by: str = ""
    is_shared: bool = False
    tail: ast.expr | None = None
    parent: Chain | None = None

    def continued(self, span: Span, function: str) -> Chain:
        """Return a chain without calls that goes on with this one, at *span* in *function*."""
        return replace(
            self,
            span=span,
            function=function,
            verb=None,
            certain=False,
            yields_one=False,
            parts=[],
            added=set(),
            named_by="",
            is_shared=False,
            tail=None,
            parent=self,
        )

    def support(self) -> None:
        """Note that there is evidence, for what it was derived from as well."""
        self.evidence = True
        if self.parent is not None and not self.parent.evidence:
            self.parent.support()


@dataclass(frozen=True)
class Builder:
    """Chains that can be called further: more than one where branches of the code give different ones."""

    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Response:
    """What ``execute`` returns."""

    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Rows:
    """A list of rows of a result, or of the rows embedded in it: *path* are the keys that lead to them."""

    chains: tuple[Chain, ...]
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResultRow:
    """One row of a result, or what a key of it holds."""

    chains: tuple[Chain, ...]
    path: tuple[str, ...] = ()


@dataclass
class Dict:
    """A dict with literal keys; statements may add others. It is complete if it has no others."""

    span: Span
    keys: dict[str, Key] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    complete: bool = True

    def row(self) -> Row:
        """Return it as a row that is written."""
        return Row(keys=tuple(self.keys.values()), span=self.span, complete=self.complete)

    def copy(self) -> Dict:
        """Return another dict with the same keys."""
        return Dict(self.span, dict(self.keys), dict(self.values), complete=self.complete)

    def add(self, other: Dict) -> None:
        """Put the keys of *other* into it."""
        self.keys |= other.keys
        self.values |= other.values
        self.complete &= other.complete

    def remove(self, name: str) -> None:
        """Take the key *name* out of it."""
        self.keys.pop(name, None)
        self.values.pop(name, None)


@dataclass
class Listed:
    """A list, as far as its items are known."""

    items: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class Class:
    """A class of this file.

    Attributes:
        name: its qualified name.
        attributes: its own, those that its methods assign to ``self`` included.
        methods: by name.
        bases: those of its bases that are of this file, and theirs.
        outside: a client, or an object of another module, that it extends.
    """

    name: str
    attributes: dict[str, Value] = field(default_factory=dict)
    methods: dict[str, Function] = field(default_factory=dict)
    bases: list[Class] = field(default_factory=list)
    outside: Client | Imported | None = None

    def attribute(self, name: str) -> Value:
        """Return an attribute of it or of a base; None where it is not known."""
        found = [each.attributes[name] for each in (self, *self.bases) if name in each.attributes]
        return None if not found or found[0] == Literal(value=None) else found[0]  # None is often set later

    def method(self, name: str) -> Function | None:
        """Return a method of it or of a base."""
        return next((each.methods[name] for each in (self, *self.bases) if name in each.methods), None)


@dataclass(eq=False)
class Function:
    """A function: its node, the scope around it, its class if it is a method, what it returns once it is read."""

    name: str
    node: FunctionNode
    around: Scope
    owner: Class | None = None
    is_read: bool = False
    returned: list[Value] = field(default_factory=list)

    @property
    def is_property(self) -> bool:
        """Whether it is called where its name is read."""
        return bool(self._decorators & {"property", "cached_property"})

    @property
    def receiver(self) -> Value:
        """What its first parameter is bound to: the object or its class; None where it has none for it."""
        if self.owner is None or "staticmethod" in self._decorators:
            return None
        return self.owner if "classmethod" in self._decorators else Instance(self.owner)

    @property
    def parameters(self) -> list[str]:
        """The names of its parameters, those that are given by name alone last."""
        arguments = self.node.args
        return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]

    @cached_property
    def _decorators(self) -> set[str]:
        return {ast.unparse(each).rpartition(".")[2] for each in self.node.decorator_list}

    @cached_property
    def adds_keys(self) -> bool:
        """Whether its code puts keys into some dict."""
        return any(
            (isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store))
            or (isinstance(each, ast.Attribute) and each.attr in {"update", "setdefault"})
            for each in ast.walk(self.node)
        )


class Names:
    """What names are bound to. A branch of the code binds its names above those from before it."""

    def __init__(self, names: dict[str, Value] | None = None) -> None:
        self._layers: list[dict[str, Value]] = [names or {}]

    def __contains__(self, name: str) -> bool:
        return any(name in layer for layer in self._layers)

    def __getitem__(self, name: str) -> Value:
        return next((layer[name] for layer in reversed(self._layers) if name in layer), None)

    def __setitem__(self, name: str, value: Value) -> None:
        self._layers[-1][name] = value

    @property
    def all(self) -> dict[str, Value]:
        """All names that are bound where no branch is open."""
        return self._layers[0]

    def begin_branch(self) -> None:
        """Bind names of a branch from now on."""
        self._layers.append({})

    def end_branch(self) -> dict[str, Value]:
        """Forget the names of the branch, and return them."""
        return self._layers.pop()


@dataclass
class Scope:
    """What names are bound to in a module or a function, and the function's qualified name."""

    name: str = ""
    around: Scope | None = None
    owner: Class | None = None
    function: Function | None = None
    names: Names = field(default_factory=Names)

    def value(self, name: str) -> Value:
        """Return what *name* is bound to; None where it is not known."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.around
        return None


@dataclass(frozen=True)
class Instance:
    """An object of a class of this file."""

    of: Class


Value = (
    Text
    | Opening
    | Literal
    | Client
    | Imported
    | Builder
    | Response
    | Rows
    | ResultRow
    | Dict
    | Listed
    | Function
    | Class
    | Instance
    | None
)
