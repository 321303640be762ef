"""A statement of the user's, its bounds, and what comes back: the same for every door that can run SQL."""

from __future__ import annotations

from typing import Any

from schema_sync.model.base import Value


class Limits(Value, frozen=True, kw_only=True):
    """How far a statement may go.

    Attributes:
        rows: at most so many rows come back.
        seconds: how long the server may work on it.
    """

    rows: int
    seconds: float


class Rows(Value, frozen=True, kw_only=True):
    """What a statement gave.

    Attributes:
        columns: their names, in order; two may be the same.
        rows: the rows, each value as the server's ``to_json`` gives it.
        truncated: whether there were more rows than the limit.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
