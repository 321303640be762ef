"""Expected beside declared: what rules look at.

The catalog is projected to the declarations that the code should hold; binding puts each beside the class
that maps to it. Rules see one pair at a time and never walk the catalog or the codebase.
"""

from __future__ import annotations

from typing import Literal

from schema_sync.model.base import Value
from schema_sync.model.catalog import ObjectKind, QName
from schema_sync.model.declarations import (
    Declared,
    EnumDeclaration,
    Form,
    Item,
    Location,
    PyType,
    RowDeclaration,
    Shape,
)
from schema_sync.model.edits import AddItem, AddResult, AddRow, Edit, RenameMember, SetDoc, SetItemComment

Fit = Literal["same", "wide", "narrow", "disjoint"]


class Target(Value, frozen=True, kw_only=True):
    """A database object as findings and new code name it.

    ``marker`` is the line that binds a class to it for good; ``path`` states where a new class would go, and
    ``class_name`` what it would be called (empty where a class maps to the object).
    """

    kind: ObjectKind
    schema: str
    name: str
    marker: str
    path: str
    class_name: str = ""

    @property
    def home(self) -> Location:
        """The place to show for an object that nothing declares."""
        return Location(path=self.path, line=1)


class WireFormat(Value, frozen=True, kw_only=True, cache_hash=True):
    """What a column's values are on the wire, in PostgreSQL's terms.

    Attributes:
        kind: a scalar type of ``pydantic_table.toml`` (``other`` for text that says nothing to Python), or one of
            ``array``, ``vector`` (an array that holds no null), ``object``, ``json`` and ``labels``.
        element: of an array or vector; None where nothing is known of it.
        labels: all texts that can come.
        composite: the type of an object, empty where it is not one of the database's.
    """

    kind: str
    element: WireFormat | None = None
    labels: tuple[str, ...] = ()
    composite: str = ""


class ExpectedType(Value, frozen=True, kw_only=True, cache_hash=True):
    """A column's type in Python, None apart.

    Attributes:
        written: what an update writes.
        in_model: what it writes in a model, None for ``written``.
        values: the set of values that the column yields, against which an annotation is judged.
        loose: an annotation that is as good as ``written``, such as ``str`` for an enum.
        wire: None where a person chose the type, or nothing is known of the values.
        exact: nulls within ``values`` must be admitted.
        narrowed: the column may hold fewer texts than is known.
    """

    written: PyType
    in_model: PyType | None = None
    values: PyType
    loose: PyType | None = None
    wire: WireFormat | None = None
    exact: bool = False
    narrowed: bool = False

    def of(self, *, model: bool) -> PyType:
        """Return what an update writes, in a model or elsewhere."""
        return self.in_model if model and self.in_model is not None else self.written


class ColumnWrites(Value, frozen=True, kw_only=True):
    """What INSERT and UPDATE do with a column.

    Attributes:
        required: an INSERT has to give it: no null, no default.
        filled: an INSERT that leaves it out stores another value than null.
        insertable: False where the server refuses any value on INSERT.
        updatable: the same for UPDATE.
        supplied: a trigger, or what is behind a view, may put a value in the place of a null.
    """

    required: bool = False
    filled: bool = False
    insertable: bool = True
    updatable: bool = True
    supplied: bool = False


class ExpectedItem(Value, frozen=True, kw_only=True):
    """What a column requires of an item.

    Attributes:
        key: the column's name.
        type: its type in Python.
        database_type: its type in SQL's spelling.
        nullable: whether a row may have null there.
        null_free: False where a null can hide inside a NOT NULL value (a JSON null in a json column).
        writes: what INSERT and UPDATE do with it.
        in_class: whether the body of a class can hold the key.
        comment: the text above the item.
    """

    key: str
    type: ExpectedType
    database_type: str
    nullable: bool
    null_free: bool = True
    writes: ColumnWrites = ColumnWrites()
    in_class: bool = True
    comment: str = ""

    def belongs(self, shape: Shape) -> bool:
        """Whether a class of *shape* can have the key."""
        return {"row": True, "insert": self.writes.insertable, "update": self.writes.updatable}[shape]

    def demanded(self, shape: Shape) -> bool:
        """Whether a value of a class of *shape* must have the key."""
        return {"row": True, "insert": self.writes.required, "update": False}[shape]


class ExpectedRow(Value, frozen=True, kw_only=True):
    """What a relation asks of its classes, items by rank.

    ``form`` is what a new class is made of, ``shapes`` are those that it takes; ``comment`` is to stand in their
    docstrings.
    """

    target: Target
    form: Form = "typeddict"
    items: tuple[ExpectedItem, ...] = ()
    shapes: tuple[Shape, ...] = ("row", "insert", "update")
    comment: str = ""


class ExpectedEnum(Value, frozen=True, kw_only=True):
    """What an enum type asks of its Enum class, labels in sort order; ``comment`` as in ExpectedRow."""

    target: Target
    labels: tuple[str, ...] = ()
    comment: str = ""


class Mend(Value, frozen=True, kw_only=True):
    """How an annotation misses its column, what it should become, and the edits for that, if a program can."""

    fit: Fit
    becomes: PyType
    edits: tuple[Edit, ...]


class ItemPair(Value, frozen=True, kw_only=True):
    """A column and its item, judged.

    ``fit`` states whether the annotation admits the column's values: ``same`` (or near enough to stay),
    ``wide`` (admits what never comes), ``narrow`` (a value can come that it refuses), ``disjoint`` (it
    refuses all); ``admits_none`` whether it admits None, ``says_none`` whether it does so expressly (Any does
    not). ``renamed_from`` is the column's name at the last sync, where the item still has it. ``new`` adds
    the field for a column that a model or dataclass lacks or has under its former name; None if there can be none.
    ``mends`` say what its type should become. ``shared`` says that other tables' classes inherit the item too and
    do not want it removed, or renamed alike.
    """

    expected: ExpectedItem | None = None
    declared: Item | None = None
    fit: Fit = "same"
    admits_none: bool = False
    says_none: bool = False
    renamed_from: str | None = None
    new: AddItem | None = None
    mends: tuple[Mend, ...] = ()
    shared: bool = False


class Rebound(Value, frozen=True, kw_only=True):
    """A class that has the former name of its object: that name, and what makes the class follow.

    ``by_hand`` is a sentence on what a person has to change, empty where ``edits`` do all.
    """

    former: QName
    edits: tuple[Edit, ...] = ()
    by_hand: str = ""


class RowPair(Value, frozen=True, kw_only=True):
    """A relation (or composite type) and a class for it; one side may be missing.

    ``expected`` is None where the class maps to an object that is not in the database (``target`` then
    names it); ``declared`` is None where nothing declares the relation in that ``shape``. ``asked`` says
    whether the configuration asks for the shape, and so for all of its columns. Of a ``partial`` class only what
    it declares is judged. ``hint`` is a sentence on how to settle a doubtful binding. ``rebound`` is set where the
    class has the object's former name.
    """

    target: Target
    expected: ExpectedRow | None = None
    declared: RowDeclaration | None = None
    shape: Shape = "row"
    asked: bool = True
    partial: bool = False
    items: tuple[ItemPair, ...] = ()
    hint: str = ""
    rebound: Rebound | None = None


class RowPairs(Value, frozen=True, kw_only=True):
    """All row pairs of a comparison; ``settled`` are the relations of classes that are right and have no pair."""

    rows: tuple[RowPair, ...]
    settled: tuple[QName, ...] = ()


class EnumPair(Value, frozen=True, kw_only=True):
    """An enum type and a class for it; one side may be missing, as in RowPair.

    ``renamed`` are edits of members that have the former names of labels.
    """

    target: Target
    expected: ExpectedEnum | None = None
    declared: EnumDeclaration | None = None
    hint: str = ""
    rebound: Rebound | None = None
    renamed: tuple[RenameMember, ...] = ()


class ArgumentsPair(RowPair, frozen=True, kw_only=True):
    """A function's arguments and a class for them: what a call gives has the shape of an insert."""


class FunctionPair(Value, frozen=True, kw_only=True):
    """A function and an alias for its result, or what it lacks in the code.

    ``expected`` is the whole of what comes back, None where the function is not in the database: ``declared`` is
    then any class or alias for it. ``fit`` is that of an alias. ``missing`` are the edits that write what nothing
    declares, ``partly`` states that some of the function is declared.
    """

    target: Target
    expected: ExpectedItem | None = None
    declared: Declared | None = None
    fit: Fit = "same"
    missing: tuple[AddRow | AddResult, ...] = ()
    partly: bool = False
    hint: str = ""


class CommentPair(Value, frozen=True, kw_only=True):
    """A comment of the database that a class does not carry as it is, or one that is gone.

    ``column`` is None where the docstring is concerned. ``edit`` is None where another text stands in its place,
    which a person wrote.
    """

    target: Target
    declared: RowDeclaration | EnumDeclaration
    column: str | None = None
    at: Location
    expected: str
    edit: SetDoc | SetItemComment | None = None


Pair = RowPair | ArgumentsPair | RowPairs | EnumPair | FunctionPair | CommentPair
