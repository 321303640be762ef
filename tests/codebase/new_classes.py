"""Edits that add classes, and such a class."""

from __future__ import annotations

from writing import PATH, items

from schema_sync.model.edits import AddEnum, AddRow


def row(name="UserRow", /, marker="Table: public.users", path=PATH, **types):
    return AddRow(path=path, declaration=name, marker=marker, items=items(**types))


def enum(*labels, name="Mood", marker="Enum: public.mood", path=PATH):
    return AddEnum(path=path, declaration=name, marker=marker, labels=labels)


APPENDED = '\n\nclass UserRow(TypedDict):\n    """Table: public.users"""\n\n    id: int\n'
