"""What the page holds, as the JSON that its script reads.

An object's address is its schema and name (and the column or label), each percent-encoded, with dots between
them. The page's links have it behind ``#``, and no two objects of a kind share one.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from schema_sync.model.base import Value
from schema_sync.model.findings import Moved, Role, Word

Security = Literal["on", "forced", "off"]
FrameKind = Literal["schema", "part"]
How = Literal["added", "removed", "changed"]


class Place(Value, frozen=True, kw_only=True):
    """A place in the code, path relative to the project, line and column from 1."""

    path: str
    line: int
    column: int = 1


class UsePlace(Place, frozen=True, kw_only=True):
    """A place that uses an object.

    Attributes:
        call: the method, such as ``select``, or what else it is.
        function: the function or class around it.
        inferred: whether the name reaches the call by way of variables.
        values: the labels that a column is compared with, or set to.
    """

    call: str = ""
    function: str = ""
    inferred: bool = False
    values: tuple[str, ...] = ()


class Fault(Value, frozen=True, kw_only=True):
    """A finding.

    ``part`` is the column or the label that it is about, empty for the object as a whole; ``moved`` is who changed
    since the last sync.
    """

    rule: str
    severity: Word
    message: str
    part: str = ""
    moved: Moved = "unknown"
    at: Place


class PythonClass(Value, frozen=True, kw_only=True):
    """A class that maps to an object, what it describes of it, and where the code refers to it."""

    name: str
    role: Role
    at: Place
    uses: tuple[UsePlace, ...] = ()


class ShownColumn(Value, frozen=True, kw_only=True):
    """A column; ``enum`` is the address of its enum type; ``default`` is in words for identity columns."""

    name: str
    type: str
    null: bool = False
    default: str = ""
    comment: str = ""
    enum: str = ""
    uses: tuple[UsePlace, ...] = ()


class ShownConstraint(Value, frozen=True, kw_only=True):
    """A constraint; a foreign key has the address of what it references, and its actions in words."""

    kind: Literal["primary key", "unique", "foreign key", "check"]
    name: str = ""
    columns: tuple[str, ...] = ()
    target: str = ""
    target_columns: tuple[str, ...] = ()
    actions: str = ""
    expression: str = ""


class ShownIndex(Value, frozen=True, kw_only=True):
    """An index and what it is on, as SQL."""

    name: str
    method: str
    columns: tuple[str, ...]
    unique: bool = False
    invalid: bool = False
    where: str = ""


class ShownPolicy(Value, frozen=True, kw_only=True):
    """A policy; ``using`` and ``check`` are its conditions."""

    name: str
    command: str
    roles: tuple[str, ...]
    restrictive: bool = False
    using: str = ""
    check: str = ""


class ShownTrigger(Value, frozen=True, kw_only=True):
    """A trigger: when it runs, and which function."""

    name: str
    when: str
    function: str
    disabled: bool = False


class Shown(Value, frozen=True, kw_only=True):
    """What all objects have."""

    schema: str
    name: str
    comment: str = ""
    classes: tuple[PythonClass, ...] = ()
    findings: tuple[Fault, ...] = ()
    uses: tuple[UsePlace, ...] = ()


class Box(Value, frozen=True, kw_only=True):
    """Where a table's box is on the map, in pixels at full size."""

    x: int
    y: int
    height: int


class ShownTable(Shown, frozen=True, kw_only=True):
    """A table or view.

    ``security`` is its row level security, empty where that is unknown or does not apply; ``reads`` has the
    addresses of what a view reads, ``definition`` its query.
    """

    kind: str
    box: Box
    columns: tuple[ShownColumn, ...] = ()
    constraints: tuple[ShownConstraint, ...] = ()
    indexes: tuple[ShownIndex, ...] = ()
    policies: tuple[ShownPolicy, ...] = ()
    triggers: tuple[ShownTrigger, ...] = ()
    security: Security | Literal[""] = ""
    reads: tuple[str, ...] = ()
    definition: str = ""


class ShownEnum(Shown, frozen=True, kw_only=True):
    """An enum type; its labels in order, and the addresses of the columns that have the type."""

    labels: tuple[str, ...]
    columns: tuple[str, ...] = ()
    members: tuple[tuple[str, UsePlace], ...] = ()


class Signature(Value, frozen=True, kw_only=True):
    """How a function is called, what it returns, in a few words what it is, and its comment."""

    arguments: str = ""
    returns: str = ""
    kind: str
    comment: str = ""


class ShownFunction(Shown, frozen=True, kw_only=True):
    """A function with all its signatures."""

    signatures: tuple[Signature, ...]


class Frame(Value, frozen=True, kw_only=True):
    """A rectangle around tables that belong together on the map: of a schema, or of tables that keys connect."""

    label: str
    kind: FrameKind
    x: int
    y: int
    width: int
    height: int


class Remark(Value, frozen=True, kw_only=True):
    """What the page does not show, and why."""

    what: str
    why: str


class ShownChange(Value, frozen=True, kw_only=True):
    """A change of an object: its kind and name, the address that it had, and what changed."""

    how: How
    text: str
    kind: str = ""
    object: str = ""
    address: str = ""


class ShownCommit(Value, frozen=True, kw_only=True):
    """A commit of the lock.

    Attributes:
        figures: how many there were: tables, views, columns, enums; null where that is not known.
        changes: what it changed, at most ``MOST_CHANGES``; ``more`` is how many are left out.
        note: what there is to say about it, such as that the lock was removed.
    """

    commit: str
    date: str
    author: str
    subject: str = ""
    figures: tuple[int | None, ...]
    changes: tuple[ShownChange, ...] = ()
    more: int = 0
    note: str = ""


class ShownHistory(Value, frozen=True, kw_only=True):
    """How the schema grew, the newest commit first; ``why_not`` is why nothing is known of it."""

    lock: str = ""
    commits: tuple[ShownCommit, ...] = ()
    older: bool = False
    not_known: tuple[Remark, ...] = ()
    why_not: str = ""


class Contents(Value, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        title: the project's name.
        source: the kind of the source.
        way: the way from the page's folder to the project's (``..``), None where no link leads there.
        details: whether the source shows indexes, policies, triggers and row level security.
        queries: whether the code's queries were read.
        unmatched: classes that map to no object.
        gone: findings about objects that the database does not have, by the object's name.
        history: the commits of the lock.
    """

    title: str = ""
    source: str
    schemas: tuple[str, ...]
    way: str | None = None
    details: bool = False
    queries: bool = False
    unmatched: tuple[tuple[str, Place], ...] = ()
    tables: tuple[ShownTable, ...] = ()
    enums: tuple[ShownEnum, ...] = ()
    functions: tuple[ShownFunction, ...] = ()
    frames: tuple[Frame, ...] = ()
    gone: tuple[tuple[str, Fault], ...] = ()
    not_shown: tuple[Remark, ...] = ()
    history: ShownHistory


def address(schema: str, name: str, part: str | None = None) -> str:
    """Return the address of an object, or of its column, label or argument."""
    parts = (schema, name) if part is None else (schema, name, part)
    return ".".join(quote(each.encode("utf-8", "backslashreplace"), safe="").replace(".", "%2E") for each in parts)
