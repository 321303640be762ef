"""What a comparison found: facts first, then whom they break, then (policy) how bad that is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from schema_sync.model import json_text
from schema_sync.model.base import Value
from schema_sync.model.catalog import LeftOut, ObjectKind, QName
from schema_sync.model.declarations import TYPEDDICTS, Declared, Location, RowDeclaration, Shape, Unreadable
from schema_sync.model.edits import Edit
from schema_sync.model.faults import QueryFault
from schema_sync.model.migration_state import MigrationState
from schema_sync.model.pairs import Pair

Impact = Literal["reads", "writes", "both", "none"]
Moved = Literal["database", "code", "both", "unknown"]
How = Literal["config", "marker", "tablename", "docstring", "name", "annotation", "lock"]
Role = Literal["row", "insert", "update", "partial", "composite", "enum", "arguments", "result"]
Change = Literal["added", "removed", "modified"]
Fact = str | int | bool | None | tuple[str, ...]


Word = Literal["low", "medium", "high", "critical"]


class Severity(IntEnum):
    """How bad a finding is; ordered, so that thresholds compare."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> Word:
        """What documents, options and the configuration call it."""
        return self.name.lower()  # type: ignore[return-value]


class Subject(Value, frozen=True, kw_only=True, order=True):
    """The database object that a finding is about, down to a column, an enum label or a function's argument."""

    kind: ObjectKind | Literal["schema"]
    schema: str
    name: str
    column: str | None = None
    label: str | None = None
    argument: str | None = None
    target: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def part(self) -> tuple[str, str] | None:
        """What it is of the object, and its name; None for the object as a whole."""
        parts = {"label": self.label, "column": self.column, "argument": self.argument, "target": self.target}
        return next(((grain, name) for grain, name in parts.items() if name is not None), None)


class QueryUse(Value, frozen=True, kw_only=True):
    """A place where the code mentions a name.

    Attributes:
        path, line, column, end_line, end_column: the place, counted from 1; the end is exclusive.
        call: the method, such as ``select``; empty for a key that is read from a row.
        function: the function or class around it; empty at the top of a module.
        confidence: whether the name is a literal in one chain of calls, or reaches it by way of variables.
        occurrence: its number among the same mentions in the same function, from 1.
        call_line, call_end_line: the first and the last line of the whole chain of calls.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    call: str
    function: str
    confidence: Literal["certain", "inferred"]
    occurrence: int = 1
    call_line: int
    call_end_line: int


class Finding(Value, frozen=True, kw_only=True):
    """One difference, at the grain of a column or a label.

    ``facts`` are name and value pairs in the rule's documented vocabulary; ``message`` is their English.
    ``several`` is the English behind the names of several such findings in a class, empty where each has its own.
    ``detail`` is the short form for lists (``str → int``, ``Columns: 5``). ``declaration`` names the class
    concerned, None where nothing declares the object. ``at`` is where the code stands, or line 1 of the
    file that an update would write. ``edits`` mend the finding; without any, a person has to. ``use`` is the
    place where a query mentions the object; None for findings on what the code declares, which have in ``uses``
    where queries mention their object. ``migration`` is a file that names the object and is not applied yet, empty
    where none is known.
    """

    rule: str
    subject: Subject
    change: Change
    facts: tuple[tuple[str, Fact], ...] = ()
    message: str
    several: str = ""
    detail: str = ""
    impact: Impact
    severity: Severity
    moved: Moved = "unknown"
    declaration: str | None = None
    at: Location
    edits: tuple[Edit, ...] = ()
    use: QueryUse | None = None
    uses: tuple[QueryUse, ...] = ()
    migration: str = ""

    def fact(self, name: str) -> Fact:
        """The value of the fact *name*, None where the finding does not state it."""
        return dict(self.facts).get(name)

    def with_paths(self, seen: Callable[[str], str]) -> Finding:
        """Return the finding with the paths that a text shows as *seen* gives them."""
        uses = tuple(replace(use, path=seen(use.path)) for use in self.uses)
        return replace(self, at=replace(self.at, path=seen(self.at.path)), uses=uses)

    @property
    def fingerprint(self) -> str:
        """12 hex digits of rule, subject, class and facts: stable under new wording, severity or lines.

        Of a use, instead of class and facts: its file, the function around it, and its number there.
        """
        stable: tuple[object, ...] = (self.rule, msgspec.to_builtins(self.subject), self.declaration, self.facts)
        if self.use is not None:
            stable = (*stable[:2], self.use.path, self.use.function, self.use.occurrence)
        return hashlib.sha256(json_text.encode(stable)).hexdigest()[:12]

    @property
    def order(self) -> tuple[int, str, str]:
        """The sort key of reports: by object. Within one, the order of the rules and of the columns stays."""
        rank = {"enum": 0, "function": 2}.get(self.subject.kind, 1) if self.use is None else 3
        return (rank, self.subject.schema, self.subject.name)


class Rule(Value, frozen=True):
    """A rule: what it is called and means, the kind of pair that it checks, and the check.

    Attributes:
        id: a fault in kebab-case.
        severity: the default, as are change and impact: a check may state others.
        change: what happened in the database.
        impact: whose code breaks.
        pairs: the class of the pairs that it checks.
        check: takes the rule and a pair, and yields findings.
        removal: whether the fix removes code, which by default waits for ``--prune``.
        source: the kind of the only source for which it is checked; empty for all sources.
        supersedes: rules whose findings are dropped where this one finds something.
        replaces: former ids.
    """

    id: str
    severity: Severity
    change: Change
    impact: Impact
    pairs: type[Pair | QueryFault]
    check: Callable[[Rule, Any], Iterator[Finding]]
    removal: bool = False
    source: str = ""
    supersedes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    def find(self, pair: Pair | QueryFault) -> Iterator[Finding]:
        """Yield what the rule finds in *pair*."""
        return self.check(self, pair)


class Binding(Value, frozen=True, kw_only=True):
    """A class or alias and the database object that it maps to.

    Attributes:
        object: its name; a function's with the types of its arguments.
        exists: False where the object is not in the database.
        how: what decided.
        shape: a class for a function's arguments has the shape of an insert; a partial one that is read is a row,
            any other an update.
        partial: only what the class declares is judged.
        hint: a sentence on how to settle a doubtful removal.
        former: the object's name at the last sync, where that alone binds the class.
    """

    declaration: Declared
    object: QName
    kind: ObjectKind
    exists: bool
    how: How
    shape: Shape = "row"
    partial: bool = False
    hint: str = ""
    former: QName | None = None

    @property
    def role(self) -> Role:
        """What the class describes of the object."""
        if self.kind == "function":
            return "arguments" if self.shape == "insert" else "result"
        if self.partial:
            return "partial"
        return self.kind if self.kind in ("enum", "composite") else self.shape


class Proposal(Value, frozen=True, kw_only=True):
    """A row class that nothing binds, although its fields look like a table's columns.

    Attributes:
        objects: the table or view; several where it fits them equally well.
        columns: how many of its fields are columns there.
        key: what the configuration calls the class under ``bindings``.
        stated: what it would say there, for each of *objects*.
    """

    declaration: RowDeclaration
    objects: tuple[QName, ...]
    columns: int
    key: str
    stated: tuple[str, ...]

    @property
    def binding(self) -> tuple[str, str] | None:
        """The class and what to bind it to, as the configuration has them; None where a person has to choose."""
        return (self.key, self.stated[0]) if len(self.stated) == 1 else None


class Note(Value, frozen=True, kw_only=True):
    """Something that was not, or could not be, checked, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class Incomplete(Value, frozen=True, kw_only=True):
    """A replay in which some statements were not applied.

    Attributes:
        statements: how many there are in all files.
        applied: how many of them took effect.
        failed: the statements that failed, by their places, and why.
        texts: the statements that took no effect: failed, skipped or rolled back with a failed one.
        unbounded: whether one of them may create anything (a DO block or a call of a function).
    """

    statements: int
    applied: int
    failed: tuple[Note, ...]
    texts: tuple[str, ...]
    unbounded: bool

    @property
    def summary(self) -> str:
        """How many statements were applied, in words."""
        return f"{self.applied} of {self.statements} statements of the migrations were applied"

    def leaves_open(self, *names: str) -> bool:
        """Return whether one statement that took no effect mentions all of *names*, in any case."""
        words = [re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])", re.IGNORECASE) for name in names]
        return any(all(word.search(text) for word in words) for text in self.texts)


class Calls(Value, frozen=True, kw_only=True):
    """How many queries name their table or function for certain, by inference, or at run time only."""

    certain: int = 0
    inferred: int = 0
    dynamic: int = 0


class Report(Value, frozen=True, kw_only=True):
    """The outcome of a comparison, sorted; the same inputs give the same bytes.

    ``unreadable`` are files that could not be read: what they declare is unknown, so the report is partial.
    ``incomplete`` states how many statements of migrations were applied, empty where none was left out.
    ``forgotten`` means that there is a lock which cannot be read: findings that rest on it may be missing.
    ``left_out`` is what a class maps to although it is not compared: the next lock remembers it.
    ``without_class`` are the tables, views and enums that need no class and have none, those that queries mention
    first; there are some only where not everything needs one (``requires_all``).
    ``migrations`` states which of the repository's the database has, None where this was not looked at.
    ``unbound`` are the row classes that map to nothing, ``proposals`` those of them that look like a table, where
    these were asked for. ``sql_not_checked`` counts SQL literals.
    """

    findings: tuple[Finding, ...] = ()
    bindings: tuple[Binding, ...] = ()
    unmatched: tuple[tuple[str, Location], ...] = ()
    not_checked: tuple[Note, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    incomplete: str = ""
    forgotten: bool = False
    left_out: frozenset[LeftOut] = frozenset()
    without_class: tuple[Subject, ...] = ()
    requires_all: bool = True
    migrations: MigrationState | None = None
    suppressed: int = 0
    tables: int = 0
    enums: int = 0
    unbound: tuple[RowDeclaration, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    queries: Calls = Calls()
    sql_not_checked: int = 0
    source_kind: str
    source: str
    db_hash: str

    @property
    def in_sync(self) -> bool:
        """Whether all was read and nothing differs."""
        return not self.findings and not self.unreadable and not self.incomplete

    @property
    def models_not_compared(self) -> int:
        """The number of models and dataclasses that map to nothing."""
        return sum(row.form not in TYPEDDICTS for row in self.unbound)

    @property
    def unchecked(self) -> tuple[Note, ...]:
        """What was not checked, files that could not be read first."""
        return (*(Note(what=each.at.exact, why=each.why) for each in self.unreadable), *self.not_checked)

    @property
    def compared(self) -> tuple[int, int, int]:
        """The numbers of tables and enums that were compared, and of classes."""
        without = [subject.kind for subject in self.without_class]
        classes = {b.declaration.id for b in self.bindings if not (b.exists and b.declaration.unknown)}
        return self.tables - without.count("table"), self.enums - without.count("enum"), len(classes)

    def count(self, severity: Severity) -> int:
        """The number of findings of *severity*."""
        return sum(f.severity is severity for f in self.findings)
