"""What an update may do to a Python file: a closed union of small edits, each on one declaration.

The writer turns them into new text; everything they do not name stays as it is, byte for byte.
"""

from __future__ import annotations

from schema_sync.model.base import Value
from schema_sync.model.declarations import Form, PyType


class Edit(Value, frozen=True, kw_only=True, tag_field="edit"):
    """An edit of the declaration called ``declaration`` in the file ``path`` (relative, with ``/``)."""

    path: str
    declaration: str


class AddItem(Edit, frozen=True, kw_only=True, tag=True):
    """Declare a new item, behind the item ``after`` (None, or one that is not there: at the end).

    In a model or dataclass ``key`` and ``after`` are names of fields; ``alias`` is the key in a row where the
    name is not, ``optional`` gives the field the default None, and ``before`` is the field that it has to precede.
    """

    key: str
    type: PyType
    after: str | None = None
    alias: str | None = None
    optional: bool = False
    before: str | None = None


class SetItemType(Edit, frozen=True, kw_only=True, tag=True):
    """Replace an item's value type; ``None``, Required, NotRequired and ReadOnly around it stay."""

    key: str
    type: PyType


class SetItemNullable(Edit, frozen=True, kw_only=True, tag=True):
    """Make an item's annotation admit None, or no longer; the value type keeps its spelling."""

    key: str
    nullable: bool


class SetItemRequired(Edit, frozen=True, kw_only=True, tag=True):
    """Take NotRequired off an item."""

    key: str


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


class AddMember(Edit, frozen=True, kw_only=True, tag=True):
    """Declare a member for ``label``, behind the one for ``after`` (None: in front of all)."""

    label: str
    after: str | None = None


class RemoveMember(Edit, frozen=True, kw_only=True, tag=True):
    """Remove every member that stands for ``label``."""

    label: str


class OrderMembers(Edit, frozen=True, kw_only=True, tag=True):
    """Put the members into the order of ``labels``; members of other values keep their slots."""

    labels: tuple[str, ...]


class NewItem(Value, frozen=True, kw_only=True):
    """An item of a row class to be written; ``type`` includes None where it is admitted."""

    key: str
    type: PyType


class AddRow(Edit, frozen=True, kw_only=True, tag=True):
    """Write a new TypedDict or model; ``marker`` (such as ``Table: public.users``) becomes its docstring."""

    marker: str
    form: Form = "typeddict"
    items: tuple[NewItem, ...] = ()


class AddEnum(Edit, frozen=True, kw_only=True, tag=True):
    """Write a new Enum class; ``marker`` (such as ``Enum: public.mood``) becomes its docstring."""

    marker: str
    labels: tuple[str, ...] = ()


class RemoveDeclaration(Edit, frozen=True, kw_only=True, tag=True):
    """Remove a class with its decorators and the comment right above it, and its entry in ``__all__``."""


class RemoveImport(Edit, frozen=True, kw_only=True, tag=True):
    """Remove the name ``declaration`` from imports and ``__all__`` of a file that only hands it on."""
