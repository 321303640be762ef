"""What ``doctor`` found, as values; no value of an environment variable is among them."""

from __future__ import annotations

from typing import Literal

from schema_sync.model.base import Value

State = Literal["ok", "note", "warning", "fault"]


class Check(Value, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        name: what it is.
        state: ok; note (nothing to do); warning (to be looked at); fault (``check`` cannot run).
        says: what was found.
        next: the next step, or an empty string.
    """

    name: str
    state: State = "ok"
    says: str
    next: str = ""


class Section(Value, frozen=True, kw_only=True):
    """Checks that belong together."""

    name: str
    checks: tuple[Check, ...]


class Diagnosis(Value, frozen=True, kw_only=True):
    """All sections, in the order they are shown."""

    sections: tuple[Section, ...]

    @property
    def can_check(self) -> bool:
        """Whether ``schema-sync check`` could run."""
        return not any(check.state == "fault" for section in self.sections for check in section.checks)
