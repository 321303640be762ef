"""What ``doctor`` found, as values, text and JSON; no value of an environment variable is among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec.structs import asdict

from schema_sync.model.base import Value
from schema_sync.reports import tables
from schema_sync.reports.escaping import printable

State = Literal["ok", "note", "warning", "fault"]
_MARKS: dict[State, str] = {"ok": "✓", "note": "-", "warning": "!", "fault": "✗"}


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


class Diagnosis(Value, frozen=True, kw_only=True):
    """Checks that belong together, by the name of their section, in the order they are shown."""

    sections: dict[str, tuple[Check, ...]]

    @property
    def can_check(self) -> bool:
        """Whether ``schema-sync check`` could run."""
        return not any(check.state == "fault" for checks in self.sections.values() for check in checks)


def text(diagnosis: Diagnosis, shown: Callable[[str], str]) -> str:
    """Return the diagnosis for a person; what the configuration says stays as it stands there.

    *shown* names the project's files in a text as they are seen from the current folder.
    """
    lines: list[str] = []
    for name, checks in diagnosis.sections.items():
        lines.append(name.capitalize())
        for check in checks:
            says = check.says if name == "configuration" and check.name != "file" else shown(check.says)
            lines.append(f"  {_MARKS[check.state]} {printable(check.name)}: {_indented(says)}")
            lines += [f"    → {_indented(shown(check.next))}"] if check.next else []
        lines.append("")
    lines.append("✓ schema-sync check can run" if diagnosis.can_check else "✗ schema-sync check cannot run yet")
    return "\n".join(lines) + "\n"


def json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for a program."""
    sections = {name: [asdict(check) for check in checks] for name, checks in diagnosis.sections.items()}
    return tables.document({"can_check": diagnosis.can_check, "sections": sections})


def _indented(text_: str) -> str:
    return printable(text_, keep="\n").replace("\n", "\n      ")
