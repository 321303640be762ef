"""What a replay that did not finish leaves open."""

from __future__ import annotations

import re

from schema_sync.model.base import Value
from schema_sync.model.findings import Note


class Incomplete(Value, frozen=True, kw_only=True):
    """A replay in which some statements were not applied.

    Attributes:
        statements: how many there are in all files.
        applied: how many of them took effect.
        failed: the statements that failed, by their places, and why.
        texts: the statements that took no effect: failed, skipped or rolled back with a failed one.
        unbounded: whether one of them may create anything (a DO block or a call of a function).
    """

    statements: int
    applied: int
    failed: tuple[Note, ...]
    texts: tuple[str, ...]
    unbounded: bool

    @property
    def summary(self) -> str:
        """How many statements were applied, in words."""
        return f"{self.applied} of {self.statements} statements of the migrations were applied"

    def leaves_open(self, *names: str) -> bool:
        """Return whether one statement that took no effect mentions all of *names*, in any case."""
        words = [re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])", re.IGNORECASE) for name in names]
        return any(all(word.search(text) for word in words) for text in self.texts)
