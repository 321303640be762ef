"""What an expression of the code may be, as far as queries are concerned.

None stands for a value of which nothing is known.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from schema_sync.model.queries import AnyPart, Key, Row, Span, Text, Verb


@dataclass(frozen=True)
class Client:
    """A Supabase client, and the schema that it or its options name.

    ``proven`` is False where nothing but ``.schema("name")`` shows that it is one; ``origin`` is then the module
    that it comes from, where that is known.
    """

    schema: str | None = None
    schema_known: bool = True
    proven: bool = True
    origin: str | None = None


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
        origin: the module that its receiver comes from, where that is known.
        evidence: whether it is known to be Supabase's: its client is known, or the chain is executed.
        yields_one: whether the result is one row, not a list.
        added: keys that the code itself adds to the rows of the result.
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
    origin: str | None = None
    evidence: bool = False
    yields_one: bool = False
    parts: list[AnyPart] = field(default_factory=list)
    added: set[str] = field(default_factory=set)
    tail: ast.expr | None = None
    parent: Chain | None = None

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
    """A dict with literal keys; statements may add others."""

    span: Span
    keys: dict[str, Key] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    complete: bool = True

    def row(self) -> Row:
        """Return it as a row that is written."""
        return Row(keys=tuple(self.keys.values()), span=self.span, complete=self.complete)


@dataclass
class Listed:
    """A list, as far as its items are known."""

    items: list[Value] = field(default_factory=list)


Value = Text | Opening | Literal | Client | Imported | Builder | Response | Rows | ResultRow | Dict | Listed | None
