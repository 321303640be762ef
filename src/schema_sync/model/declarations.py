"""The code side: the row and enum classes that a repository's Python files declare.

Terms are those of the typing specification: a TypedDict has items with keys, an Enum has members. The fields
of pydantic models and dataclasses are items too; what else they say stands in ``Field``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Literal

import msgspec

from schema_sync.model.base import Value

Shape = Literal["row", "insert", "update"]
BoundShape = Literal["row", "insert", "update", "partial"]
Form = Literal["typeddict", "pydantic"]
RowForm = Literal["class", "functional", "pydantic", "pydantic_dataclass", "dataclass", "sqlalchemy"]
TYPEDDICTS: frozenset[RowForm] = frozenset({"class", "functional"})
MODELS: frozenset[RowForm] = frozenset({"pydantic", "pydantic_dataclass"})
EnumForm = Literal["enum", "str_enum", "literal", "sqlalchemy"]


class Location(Value, frozen=True, kw_only=True, order=True):
    """A place in a file: path relative to the project (with ``/``), line and column counted from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def exact(self) -> str:
        """The place down to the column."""
        return f"{self.path}:{self.line}:{self.column}"


class PyType(Value, frozen=True, kw_only=True, cache_hash=True):
    """A Python type, canonical whatever its spelling.

    ``name`` is one of

    * a builtin (``str``, ``list``, ``dict``, ``None`` …) or a dotted name with its defining module
      (``typing.Any``, ``uuid.UUID``, ``collections.abc.Sequence``); ``List`` and ``list`` are both ``list``;
    * ``|`` for a union of ``args`` (``Optional[X]`` is ``X | None``, flat, None last);
    * ``Literal`` with its values in ``literals``;
    * the id of a class in the codebase (``schemas/enums.py:ProjectStatus``, see ``RowDeclaration.id``);
    * ``?`` for an opaque type: one that the reader cannot resolve. It is accepted, never guessed.
    """

    name: str
    args: tuple[PyType, ...] = ()
    literals: tuple[str | int | bool | None, ...] = ()

    @property
    def members(self) -> tuple[PyType, ...]:
        """The alternatives of a union; of any other type, the type itself."""
        return self.args if self.name == "|" else (self,)

    @property
    def admits_none(self) -> bool:
        """Whether ``None`` is a value of the type, as far as its spelling tells."""
        return any(m.name in {"None", "typing.Any", "object", "?"} or None in m.literals for m in self.members)

    @property
    def is_opaque(self) -> bool:
        """Whether it is opaque, or some part of it is."""
        return self.name == "?" or any(arg.is_opaque for arg in self.args)

    @property
    def without_none(self) -> PyType:
        """The type less its ``None`` alternative."""
        rest = tuple(m for m in self.members if m.name != "None")
        return rest[0] if len(rest) == 1 else PyType(name="|", args=rest) if rest else self

    @property
    def names(self) -> frozenset[str]:
        """Its own name, and those of its parts."""
        return frozenset({self.name}).union(*(arg.names for arg in self.args))

    def replaced(self, others: Mapping[str, PyType]) -> PyType:
        """Return the type with *others* in place of its parts of these names."""
        if self.name in others:
            return others[self.name]
        args = tuple(arg.replaced(others) for arg in self.args)
        return union(*args) if self.name == "|" else msgspec.structs.replace(self, args=args)

    def __str__(self) -> str:
        if self.name == "|":
            return " | ".join(map(str, self.args))
        if self.name == "Literal":
            return f"Literal[{', '.join(map(repr, self.literals))}]"
        short = self.name.rpartition(":")[2].removeprefix("typing.")
        return f"{short}[{', '.join(map(str, self.args))}]" if self.args else short


def union(*members: PyType) -> PyType:
    """Return the flat union of *members*, duplicates dropped and None last."""
    flat = dict.fromkeys(each for member in members for each in member.members)
    none = PyType(name="None")
    ordered = sorted(flat, key=lambda member: member == none)
    return ordered[0] if len(ordered) == 1 else PyType(name="|", args=tuple(ordered))


class Field(Value, frozen=True, kw_only=True):
    """What a model's or dataclass's field is beyond its key and type.

    Attributes:
        name: of the attribute; the item's key is what a row calls it.
        others: further keys that are read, behind the item's own.
        dumped: the key on writing by alias.
        default: what stands in for a missing key: nothing, None, or any other value.
        strict: pydantic converts nothing.
        trusted: code of the author sees the value first, or takes it from within: any type may be right.
        pinned: a validator or serializer of the class names it.
        constrained: its arguments (``max_length`` and the like) fit its present type alone.
        keyword: it is not a positional parameter, so that defaults put it under no order.
        aliased: its own arguments spell the key.
        aside: it maps to the column of its name, if there is one, and else for none: an argument that is
            ``taken`` and no field (``InitVar``), or a field that the class has ``made`` itself (``init=False``).
        nullable: whether the column of a SQLAlchemy class takes null; None where that is not known.
    """

    name: str
    others: tuple[str, ...] = ()
    dumped: str = ""
    default: Literal["missing", "none", "value"] = "missing"
    strict: bool = False
    trusted: bool = False
    pinned: bool = False
    constrained: bool = False
    keyword: bool = True
    aliased: bool = False
    aside: Literal["", "taken", "made"] = ""
    nullable: bool | None = None


class Placed(Value, frozen=True, kw_only=True):
    """What stands in the code under a name."""

    name: str
    at: Location

    @property
    def id(self) -> str:
        """The key within a codebase."""
        return f"{self.at.path}:{self.name}"


class Construction(Value, frozen=True, kw_only=True):
    """How instances of a model or dataclass are made, and what a new field of it has to respect.

    Attributes:
        names: what the class's body binds or looks up, fields apart, and what classes that inherit from it bind.
        called: scanned code calls the class, or one that inherits from it, with arguments that it spells out.
        placed: such a call gives arguments by position.
        extended: a dataclass that inherits from it has positional parameters of its own.
        last: the last positional parameter that its own body declares; empty where there is none.
        defaulted: a positional parameter has a default, an inherited one too.
        keyword: a field at the end of its body is not a positional parameter.
    """

    names: frozenset[str] = frozenset()
    called: bool = False
    placed: bool = False
    extended: bool = False
    last: str = ""
    defaulted: bool = False
    keyword: bool = True


class Item(Value, frozen=True, kw_only=True):
    """An item of a TypedDict, or a field of a model or dataclass.

    ``type`` is the annotation without Required, NotRequired and ReadOnly; ``required`` what the class's
    totality and the item's own qualifier give together; ``qualifier`` the item's own, if it has one.
    ``inherited`` is set where the item stands in a base class (``at`` is its place there), ``owner`` names the
    class whose body declares it. ``comments`` are the comment lines that touch it from above. ``alias`` is the id
    of the type alias that spells the annotation's Literal, empty where the annotation does so itself. ``field`` is
    None for items of TypedDicts.
    """

    key: str
    type: PyType
    required: bool = True
    qualifier: Literal["required", "not_required"] | None = None
    inherited: bool = False
    owner: str = ""
    comments: tuple[str, ...] = ()
    alias: str = ""
    field: Field | None = None
    at: Location

    @property
    def name(self) -> str:
        """What the item is called in its class: its key, or the field's name."""
        return self.field.name if self.field else self.key

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which a row is read, the first that it has counts."""
        return (self.key, *self.field.others) if self.field else (self.key,)


class PlainItems(Value, frozen=True, kw_only=True):
    """Items of a TypedDict that are all required, its own, and spelled without qualifier or alias of a Literal.

    They are kept as columns: most classes are like their tables, and no one looks at an item of them. ``places``
    has line and column of each item in turn, lines counted from that of the class; ``comments`` are empty where no
    item has any.
    """

    keys: tuple[str, ...]
    types: tuple[PyType, ...]
    places: tuple[int, ...]
    comments: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, items: Sequence[Item], owner: Placed) -> PlainItems | None:
        """Return the *items* of a class as columns; None where any of them is more than that."""
        line = owner.at.line
        if not items or any(_is_more(item, owner) for item in items):
            return None
        comments = tuple(item.comments for item in items)
        return cls(
            keys=tuple(item.key for item in items),
            types=tuple(item.type for item in items),
            places=tuple(part for item in items for part in (item.at.line - line, item.at.column)),
            comments=comments if any(comments) else (),
        )

    def made(self, owner: Placed) -> tuple[Item, ...]:
        """Return the items of the class *owner*."""
        path, line = owner.at.path, owner.at.line
        comments = self.comments or ((),) * len(self.keys)
        columns = zip(self.keys, self.types, self.places[::2], self.places[1::2], comments, strict=True)
        return tuple(
            Item(
                key=key,
                type=type_,
                owner=owner.name,
                comments=above,
                at=Location(path=path, line=line + below, column=column),
            )
            for key, type_, below, column, above in columns
        )


def _is_more(item: Item, owner: Placed) -> bool:
    """Whether ``PlainItems`` cannot hold an item of the class *owner*."""
    plain = Item(key=item.key, type=item.type, owner=owner.name, comments=item.comments, at=item.at)
    return item.at.path != owner.at.path or item != plain


class RowDeclaration(Placed, frozen=True, kw_only=True, dict=True):
    """A TypedDict, model, dataclass or SQLAlchemy class.

    ``items`` has its items, ``plain`` or ``others``. ``doc`` is its docstring, ``comments`` are those alone on
    their line in its body, or right above a call.

    ``unknown`` states why its items cannot be known, where so; ``closed`` that it refuses keys which it does not
    declare; ``aliases`` names pydantic's generator of keys (``camel``, ``pascal``, ``snake``) and ``by_name``
    says that a field's name is read too. ``made`` says how instances of a model or dataclass are made. ``table``
    is what a SQLAlchemy class maps: the schema, if it is said, and the name.
    """

    form: RowForm = "class"
    plain: PlainItems | None = None
    others: tuple[Item, ...] = ()
    total: bool = True
    unknown: str = ""
    closed: bool = False
    aliases: Literal["", "camel", "pascal", "snake"] = ""
    by_name: bool = False
    made: Construction = Construction()
    table: tuple[str | None, str] | None = None
    doc: str | None = None
    comments: tuple[str, ...] = ()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items, in the order of the class."""
        return self.plain.made(self) if self.plain is not None else self.others

    @property
    def kept(self) -> str:
        """Why the class is not edited; empty where it is."""
        return "SQLAlchemy classes are read, not edited: mend it by hand." if self.form == "sqlalchemy" else ""


class Member(Value, frozen=True, kw_only=True):
    """An Enum member, or a value of a Literal alias (its ``name`` is then the value).

    ``value`` is the string the member means; None where it is not a string or cannot be determined from the
    source. ``alias_of`` names the member that has had the same value before.
    """

    name: str
    value: str | None
    alias_of: str | None = None
    at: Location


class EnumDeclaration(Placed, frozen=True, kw_only=True):
    """An Enum, a Literal alias, or what SQLAlchemy stores of an Enum or lists itself.

    ``doc`` and ``comments`` are as in RowDeclaration.

    ``unknown`` states why its values cannot be known, ``kept`` why it is not edited; where so.
    """

    form: EnumForm = "enum"
    members: tuple[Member, ...] = ()
    unknown: str = ""
    kept: str = ""
    doc: str | None = None
    comments: tuple[str, ...] = ()


class ResultDeclaration(Placed, frozen=True, kw_only=True):
    """A type alias for what a database function returns; ``doc`` is the string right behind it."""

    unknown: ClassVar[str] = ""
    kept: ClassVar[str] = ""

    type: PyType
    doc: str


Declaration = RowDeclaration | EnumDeclaration
Declared = Declaration | ResultDeclaration


class Unreadable(Value, frozen=True, kw_only=True):
    """A file that could not be read or parsed, and why."""

    at: Location
    why: str


class Unread(Placed, frozen=True, kw_only=True):
    """A class, or the result of a call, of a kind that is not read, and why; ``doc`` and ``comments`` as in rows.

    It may state that it maps to a database object, which is then not checked. ``named`` states that its name may
    bind it as well: it stands in a file that could not be parsed, so that nobody can show what it is.
    """

    why: str
    named: bool = False
    doc: str | None = None
    comments: tuple[str, ...] = ()


class Use(Value, frozen=True, kw_only=True):
    """A place where code refers to a declaration, or (``member``) to one of its Enum members.

    ``listing`` marks the uses that a removal may clear by itself: entries of ``__all__`` and imports; ``within``
    are the declarations that the place belongs to.
    """

    declaration: str
    member: str | None = None
    listing: bool = False
    within: tuple[str, ...] = ()
    at: Location


class Codebase(Value, frozen=True, kw_only=True, dict=True):
    """All declarations of the scanned files, sorted by place.

    ``names`` holds what the top level of each file binds; ``opaque`` counts annotations of TypedDicts that were
    not resolved. ``imports`` holds the scanned files that each file imports when it runs. ``aliases`` holds what
    the type aliases of their top levels map to, by id (``schemas/aliases.py:Json``). ``unread`` are the classes
    of kinds that are not read.
    """

    rows: tuple[RowDeclaration, ...] = ()
    enums: tuple[EnumDeclaration, ...] = ()
    results: tuple[ResultDeclaration, ...] = ()
    unread: tuple[Unread, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    uses: tuple[Use, ...] = ()
    files: tuple[str, ...] = ()
    names: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    opaque: int = 0
    imports: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])
    aliases: dict[str, PyType] = msgspec.field(default_factory=dict[str, PyType])

    @cached_property
    def by_id(self) -> dict[str, Declaration]:
        """Declarations by id."""
        found: dict[str, Declaration] = {d.id: d for d in self.enums}
        found.update({d.id: d for d in self.rows})
        return found
