"""What an update may do to a Python file: a closed union of small edits, each on one declaration.

The writer turns them into new text; everything they do not name stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from schema_sync.model.base import Value
from schema_sync.model.declarations import Form, PyType, Shape


class Edit(Value, frozen=True, kw_only=True, tag_field="edit"):
    """An edit of the declaration called ``declaration`` in the file ``path`` (relative, with ``/``)."""

    path: str
    declaration: str


class AddItem(Edit, frozen=True, kw_only=True, tag=True):
    """Declare a new item, behind the item ``after`` (None, or one that is not there: at the end).

    ``qualifier`` is what it needs around its type where the class's totality says otherwise. ``comment`` is to
    stand above it. In a model or dataclass ``key`` and ``after`` are names of fields; ``alias`` is the key in a
    row where the name is not, ``optional`` gives the field the default None, ``keyword`` makes it keyword-only.
    """

    key: str
    type: PyType
    after: str | None = None
    qualifier: Literal["required", "not_required"] | None = None
    comment: str = ""
    alias: str | None = None
    optional: bool = False
    keyword: bool = False


class SetItemType(Edit, frozen=True, kw_only=True, tag=True):
    """Replace an item's value type; ``None``, Required, NotRequired and ReadOnly around it stay."""

    key: str
    type: PyType


class SetItemNullable(Edit, frozen=True, kw_only=True, tag=True):
    """Make an item's annotation admit None, or no longer; the value type keeps its spelling."""

    key: str
    nullable: bool


class SetItemRequired(Edit, frozen=True, kw_only=True, tag=True):
    """Take NotRequired off an item; ``marked`` puts Required around it, as in a class of ``total=False``."""

    key: str
    marked: bool = False


class RenameItem(Edit, frozen=True, kw_only=True, tag=True):
    """Change an item's key to ``new_key``.

    In a model or dataclass these are names of fields. ``alias`` is the new key in a row where the name is not;
    ``former`` is the present one where ``Field`` spells it.
    """

    key: str
    new_key: str
    alias: str | None = None
    former: str | None = None


class RemoveItem(Edit, frozen=True, kw_only=True, tag=True):
    """Remove an item with the comments that belong to it."""

    key: str


class SetItemComment(Edit, frozen=True, kw_only=True, tag=True):
    """Put ``comment`` above an item in lines that begin with ``#:``, for those that stand there; empty: none."""

    key: str
    comment: str


class SetDoc(Edit, frozen=True, kw_only=True, tag=True):
    """Make a docstring of ``head``, ``marker``, ``comment`` and ``tail``; the outer two were there before."""

    head: str
    marker: str = ""
    comment: str
    tail: str = ""


class AddMember(Edit, frozen=True, kw_only=True, tag=True):
    """Declare a member for ``label``, behind the one for ``after`` (None: in front of all)."""

    label: str
    after: str | None = None


class RemoveMember(Edit, frozen=True, kw_only=True, tag=True):
    """Remove every member that maps to ``label``."""

    label: str


class RenameMember(Edit, frozen=True, kw_only=True, tag=True):
    """Give the members of ``label`` the value ``new_label``.

    ``new_names`` are the names of members that follow their labels, former and new: each changes if all code that
    is known to use it can change too.
    """

    label: str
    new_label: str
    new_names: tuple[tuple[str, str], ...] = ()


class OrderMembers(Edit, frozen=True, kw_only=True, tag=True):
    """Put the members into the order of ``labels``; members of other values keep their slots."""

    labels: tuple[str, ...]


class NewItem(Value, frozen=True, kw_only=True):
    """An item of a row class to be written; ``type`` includes None where it is admitted.

    ``required`` states whether each value has the key, where the class's shape leaves that open (an insert's).
    """

    key: str
    type: PyType
    required: bool = True
    comment: str = ""


class AddRow(Edit, frozen=True, kw_only=True, tag=True):
    """Write a new TypedDict or model, with ``marker`` (``Table: public.users``) and ``comment`` as its docstring.

    With ``extensions`` a file that imports no TypedDict yet takes it from typing_extensions: pydantic refuses
    that of typing before Python 3.12.
    A row's totality follows the file, an insert's keys say each for themselves, an update has ``total=False``. In
    a model the items that are not required have the default None.
    """

    marker: str
    comment: str = ""
    shape: Shape = "row"
    form: Form = "typeddict"
    items: tuple[NewItem, ...] = ()
    extensions: bool = False


class AddEnum(Edit, frozen=True, kw_only=True, tag=True):
    """Write a new Enum class; ``marker`` (such as ``Enum: public.mood``) and ``comment`` become its docstring."""

    marker: str
    comment: str = ""
    labels: tuple[str, ...] = ()


class AddAlias(Edit, frozen=True, kw_only=True, tag=True):
    """Write one of the aliases of exact precision, ``Json`` or ``Array``: the text of each is fixed."""


class AddResult(Edit, frozen=True, kw_only=True, tag=True):
    """Write a new type alias for what a function returns; ``marker`` becomes the string behind it."""

    marker: str
    type: PyType


class SetResultType(Edit, frozen=True, kw_only=True, tag=True):
    """Replace the type that an alias means; ``None`` beside it stays."""

    type: PyType


class SetMarker(Edit, frozen=True, kw_only=True, tag=True):
    """Put the marker line ``new`` in the place of ``old``, in the docstring or a comment."""

    old: str
    new: str


class RenameDeclaration(Edit, frozen=True, kw_only=True, tag=True):
    """Call a class or alias ``new_name``, in all code that uses it, if all of that can change."""

    new_name: str


class RemoveDeclaration(Edit, frozen=True, kw_only=True, tag=True):
    """Remove a class with its decorators and the comment right above it, and its entry in ``__all__``."""


class RemoveImport(Edit, frozen=True, kw_only=True, tag=True):
    """Remove the name ``declaration`` from imports and ``__all__`` of a file that only hands it on."""


def types_of(edit: Edit) -> Iterator[PyType]:
    """Yield the types that an edit writes, whichever kind it is."""
    own: PyType | None = getattr(edit, "type", None)
    if own is not None:
        yield own
    yield from (item.type for item in getattr(edit, "items", ()))
