"""Expected beside declared: what rules look at.

The catalog is projected to the declarations that the code should hold; binding puts each beside the class
that stands for it. Rules see one pair at a time and never walk the catalog or the codebase.
"""

from __future__ import annotations

from typing import Literal

from schema_sync.model.base import Value
from schema_sync.model.declarations import EnumDeclaration, Form, Item, Location, PyType, RowDeclaration, Shape

Fit = Literal["same", "wide", "narrow", "disjoint"]


class Target(Value, frozen=True, kw_only=True):
    """A database object as findings and new code name it.

    ``marker`` is the line that binds a class to it for good; ``path`` says where a new class would go, and
    ``class_name`` what it would be called (empty where a class stands for the object).
    """

    kind: Literal["table", "view", "enum", "composite"]
    schema: str
    name: str
    marker: str
    path: str
    class_name: str = ""

    @property
    def home(self) -> Location:
        """The place to show for an object that nothing declares."""
        return Location(path=self.path, line=1)


class ExpectedItem(Value, frozen=True, kw_only=True):
    """What a column asks of an item.

    ``type`` is what an update writes, without None; ``values`` the set of values that the column yields,
    against which an annotation is judged; ``null_free`` is False where a null can hide inside a NOT NULL
    value (a JSON null in a json column). ``given`` says that an INSERT must give it: no null, no default.
    ``in_class`` whether the body of a class can hold the key. ``database_type`` is the type in SQL's spelling.
    ``wired`` is what stands on the wire in PostgreSQL's terms (see ``compare.wired``), None where the
    configuration sets the type; ``rich`` what a model is given in place of ``type``.
    """

    key: str
    type: PyType
    values: PyType
    nullable: bool
    null_free: bool = True
    given: bool = False
    in_class: bool = True
    database_type: str
    wired: PyType | None = None
    rich: PyType | None = None


class ExpectedRow(Value, frozen=True, kw_only=True):
    """What a relation asks of its row class, items by rank; ``form`` is what a new class is made of."""

    target: Target
    form: Form = "typeddict"
    items: tuple[ExpectedItem, ...] = ()


class ExpectedEnum(Value, frozen=True, kw_only=True):
    """What an enum type asks of its Enum class, labels in sort order."""

    target: Target
    labels: tuple[str, ...] = ()


class NewField(Value, frozen=True, kw_only=True):
    """How a model or dataclass would declare a column: the fields of ``AddItem`` of the same names."""

    key: str
    type: PyType
    alias: str | None = None
    optional: bool = False
    after: str | None = None
    before: str | None = None


class ItemPair(Value, frozen=True, kw_only=True):
    """A column and its item, judged.

    ``fit`` says whether the annotation admits the column's values: ``same`` (or near enough to stay),
    ``wide`` (admits what never comes), ``narrow`` (a value can come that it refuses), ``disjoint`` (it
    refuses all); ``admits_none`` whether it admits None, ``says_none`` whether it does so expressly (Any does
    not). ``renamed_from`` is the column's name at the last sync, where the item still has it. ``new`` is the
    field for a column that a model or dataclass lacks or has under its former name, None where it can have none.
    """

    expected: ExpectedItem | None = None
    declared: Item | None = None
    fit: Fit = "same"
    admits_none: bool = False
    says_none: bool = False
    renamed_from: str | None = None
    new: NewField | None = None


class RowPair(Value, frozen=True, kw_only=True):
    """A relation (or composite type) and a class for it; one side may be missing.

    ``expected`` is None where the class stands for an object that is not in the database (``target`` then
    names it); ``declared`` is None where nothing declares the relation. ``hint`` is a sentence on how to
    settle a doubtful binding.
    """

    target: Target
    expected: ExpectedRow | None = None
    declared: RowDeclaration | None = None
    shape: Shape = "row"
    items: tuple[ItemPair, ...] = ()
    hint: str = ""


class EnumPair(Value, frozen=True, kw_only=True):
    """An enum type and a class for it; one side may be missing, as in RowPair."""

    target: Target
    expected: ExpectedEnum | None = None
    declared: EnumDeclaration | None = None
    hint: str = ""
