"""Cases as files: what CONTRIBUTING.md says under "A case", read and written.

A case is prose and then sections. A line ``=== NAME`` opens one; the blank line before it belongs to neither.
A Python file's section may end in ``(crlf)``: its lines end so on disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schema_sync.compare.markers import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from schema_sync.model.findings import Finding

SECTIONS = ("database", "configuration", "before", "migration", "findings", "after", "pruned", "refused")
OF_FILES = ("before", "after", "pruned")
_HEADER = re.compile(r"=== (?P<kind>[a-z]+)(?: (?P<path>\S+))?(?P<crlf> \(crlf\))?")


@dataclass
class Case:
    """One case; ``before``, ``after`` and ``pruned`` are contents by path, the last two of changed files only.

    ``refused`` is the message where the check, the update or the pruning raises.
    """

    prose: str
    database: str = ""
    configuration: str = ""
    migration: str = ""
    before: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    after: dict[str, str] = field(default_factory=dict)
    pruned: dict[str, str] = field(default_factory=dict)
    refused: str = ""


def load(path: Path) -> Case:
    """Return the case in *path*; ValueError names the line that is wrong."""
    prose: list[str] = []
    sections: list[tuple[re.Match[str], list[str]]] = []
    lines = prose
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if not line.startswith("==="):
            lines.append(line)
            continue
        header = _HEADER.fullmatch(line)
        if (
            header is None
            or header["kind"] not in SECTIONS
            or (header["kind"] in OF_FILES) != bool(header["path"])
        ):
            raise ValueError(f"{path}:{number}: no section of a case: {line}")
        lines = []
        sections.append((header, lines))
    case = Case("\n".join(prose).strip())
    for header, lines in sections:
        _fill(case, header, lines)
    return case


def _fill(case: Case, header: re.Match[str], lines: list[str]) -> None:
    text = "\n".join(lines[:-1] if lines and lines[-1] == "" else lines)
    text += "\n" if text else ""
    kind = header["kind"]
    if kind in OF_FILES:
        getattr(case, kind)[header["path"]] = text.replace("\n", "\r\n") if header["crlf"] else text
    elif kind == "findings":
        case.findings = text.splitlines()
    else:
        setattr(case, kind, text)


def dump(case: Case) -> str:
    """Return the text of the case's file."""
    parts = [case.prose + "\n"]
    for kind in SECTIONS:
        value = getattr(case, kind)
        if kind in OF_FILES:
            parts += [_section(f"{kind} {path}", text) for path, text in value.items()]
        elif kind == "findings":
            parts.append(
                _section(kind, "".join(f"{line}\n" for line in value)) if not case.refused or value else ""
            )
        elif value:
            parts.append(_section(kind, value))
    return "\n".join(part for part in parts if part)


def _section(name: str, text: str) -> str:
    crlf = "\r\n" in text
    return f"=== {name}{' (crlf)' * crlf}\n{text.replace(chr(13), '') if crlf else text}"


def line(finding: Finding) -> str:
    """Return a finding as a case states it: severity, rule, object; names as SQL would need them."""
    subject = finding.subject
    names = [] if subject.schema == "public" else [subject.schema]
    names += [subject.name, *(n for n in (subject.column, subject.label, subject.argument) if n is not None)]
    where = ".".join(quoted(name).replace("\n", "\\n") for name in names)
    return f"{finding.severity.name.lower()} {finding.rule} {where}"
