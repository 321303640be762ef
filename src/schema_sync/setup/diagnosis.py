"""What ``doctor`` found, as values, text and JSON; no value of an environment variable is among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec.structs import asdict

from schema_sync.model.base import Value
from schema_sync.reports import tables
from schema_sync.reports.base import Part, Styled, indented, marked, styled

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


def document(diagnosis: Diagnosis, shown: Callable[[str], str]) -> Iterator[Styled]:
    """Yield the lines of the diagnosis for a person; what the configuration says stays as it stands there.

    *shown* names the project's files in a text as they are seen from the current folder.
    """
    for name, checks in diagnosis.sections.items():
        yield styled(Part(name.capitalize(), "title"))
        for check in checks:
            says = check.says if name == "configuration" and check.name != "file" else shown(check.says)
            first, *others = indented(f"{check.name}: ", says)
            yield from (Styled((*marked(f"  {_MARKS[check.state]} ").parts, *first.parts)), *others)
            if check.next:
                step, *code = indented("    → ", shown(check.next))
                yield from (step, *(Styled(line.parts, verbatim=True) for line in code))
        yield styled()
    can_check = diagnosis.can_check
    yield marked("✓ schema-sync check can run" if can_check else "✗ schema-sync check cannot run yet")


def json(diagnosis: Diagnosis) -> str:
    """Return the diagnosis for a program."""
    sections = {name: [asdict(check) for check in checks] for name, checks in diagnosis.sections.items()}
    return tables.document({"can_check": diagnosis.can_check, "sections": sections})
