"""What a server reports on a statement that it parsed and did not run."""

from __future__ import annotations

from typing import Literal

from schema_sync.model.base import Value

Missing = Literal["table", "column", "function"]


class Verdict(Value, frozen=True, kw_only=True):
    """What a server reports on a statement.

    Attributes:
        missing: the kind of the name that it does not know; None where it knows all, or could not judge.
        names: the name, with those before it and their dots: schema, table.
        start, end: where they are in the statement.
        message: in the server's words.
        why: why the statement could not be judged; empty where it could.
    """

    missing: Missing | None = None
    names: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    message: str = ""
    why: str = ""
