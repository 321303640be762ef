"""What the rules share: the subject and the place of a finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schema_sync.model.findings import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schema_sync.model.declarations import Declaration, Location
    from schema_sync.model.pairs import Target


def subject(
    target: Target, *, column: str | None = None, label: str | None = None, argument: str | None = None
) -> Subject:
    """Return the subject for a target, or for a column, a label or an argument of it."""
    return Subject(
        kind=target.kind, schema=target.schema, name=target.name, column=column, label=label, argument=argument
    )


def named(target: Target) -> str:
    """Return the target in words, such as ``table public.users``."""
    return f"{target.kind} {target.schema}.{target.name}"


# What could be taken for no entry of a list, for two, or for one that is quoted.
_AMBIGUOUS = re.compile(r"|\s.*|.*\s|['\"].*|.*[,;].*", re.DOTALL)


def listed(labels: Iterable[str]) -> str:
    """Return labels as a list in a line; one that could be misread is quoted as in SQL: ``''``, ``'a, b'``."""
    return ", ".join(label_text(label) for label in labels)


def label_text(label: str) -> str:
    """Return a label as it stands in a list: bare, or as an SQL string where it could be misread."""
    return _quoted(label, "'") if _AMBIGUOUS.fullmatch(label) else label


def name_text(name: str) -> str:
    """Return a column's or an argument's name as it stands in a list, where a remark in brackets may follow it.

    It is bare, or quoted as in SQL where it could be misread.
    """
    return _quoted(name, '"') if _AMBIGUOUS.fullmatch(name) or " (" in name else name


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote


def place(declared: Declaration | None, target: Target) -> Location:
    """Return where the class stands, or where a new one would."""
    return declared.at if declared is not None else target.home
