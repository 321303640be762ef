"""What the rules share: the subject and the place of a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.findings import Subject

if TYPE_CHECKING:
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


def place(declared: Declaration | None, target: Target) -> Location:
    """Return where the class stands, or where a new one would."""
    return declared.at if declared is not None else target.home
