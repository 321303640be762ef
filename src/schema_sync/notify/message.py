"""What a notification says. Names of the database and the code are hostile: no channel takes them for markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Report, Severity

_SHOWN = 10
_CHARACTERS = 300
_ALLOWED = frozenset(" _-.,;()'\"=?+%/:[]|→…")
_ADDRESS = re.compile(r"https://[\w.-]+(?:/[\w.-]+)+")


class Message(Value, frozen=True, kw_only=True):
    """A message in plain text: ``kind`` is apprise's (``warning``, ``failure``, ``success``, ``info``)."""

    title: str
    body: str
    kind: str


def plain(text: str) -> str:
    r"""Return *text* on one line, all that Slack, HTML, Markdown or a mail client could act upon as ``\x..``.

    What is escaped: control and format characters, ``< > & @ # * ` ~ \``, the ``(`` of a Markdown link and the
    ``:`` of an address. Authority: Slack's "Formatting text for app surfaces", CommonMark, Discord's mentions.
    """
    shown: list[str] = []
    for place, char in enumerate(text[:_CHARACTERS]):
        link = (char == "(" and text[place - 1 : place] == "]") or (char == ":" and text[place + 1 :][:1] == "/")
        harmless = (char.isalnum() or char in _ALLOWED) and not link
        shown.append(char if harmless else _escape(char))
    return "".join(shown) + ("…" if len(text) > _CHARACTERS else "")


def drift(
    report: Report, findings: Sequence[Finding], new: frozenset[str], title: str, where: str | None
) -> Message:
    """Return the message that *findings* stand, those whose fingerprint is in *new* first and marked."""
    worst = max(finding.severity for finding in findings)
    counts = [(s.word, sum(f.severity is s for f in findings)) for s in sorted(Severity, reverse=True)]
    summary = ", ".join(f"{count} {name}" for name, count in counts if count)
    ordered = sorted(findings, key=lambda f: (f.fingerprint not in new, -f.severity, f.order))
    lines = [_line(finding, is_new=finding.fingerprint in new) for finding in ordered[:_SHOWN]]
    lines += [f"and {len(ordered) - _SHOWN} more"] if len(ordered) > _SHOWN else []
    kind = "failure" if worst >= Severity.HIGH else "warning"
    lines = [*lines, "", *_place(report, where), "To see all: schema-sync diff", "To mend it: schema-sync update"]
    return Message(title=f"{_name(title)}: schema drift ({summary})", body="\n".join(lines), kind=kind)


def recovery(report: Report, title: str, where: str | None) -> Message:
    """Return the message that nothing differs any more."""
    lines = ["What was reported before is mended.", "", *_place(report, where)]
    return Message(title=f"{_name(title)}: schemas are in sync again", body="\n".join(lines), kind="success")


def trial(title: str) -> Message:
    """Return a message to try the channels with."""
    body = "A test: schema drift would be told here. Sent by schema-sync notify --test"
    return Message(title=f"{_name(title)}: notifications work", body=body, kind="info")


def run_address(environment: Mapping[str, str]) -> str | None:
    """Return the address of the CI run we are in, None elsewhere (GitHub's default environment variables)."""
    words = [environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    address = f"{words[0]}/{words[1]}/actions/runs/{words[2]}"
    return address if all(words) and _ADDRESS.fullmatch(address) else None


def _name(title: str) -> str:
    return plain(f"{title} Schema Synchronization".strip())


def _line(finding: Finding, *, is_new: bool) -> str:
    head = f"[{finding.severity.name}]{' new:' if is_new else ''}"
    return f"{head} {plain(finding.message)} ({plain(str(finding.at.path))}:{finding.at.line}, {finding.rule})"


def _place(report: Report, where: str | None) -> list[str]:
    read = f"Compared with: {plain(report.source_kind)}, {plain(report.source)}"
    return [read, *([f"Run: {where}"] if where else [])]


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004 - the three widths of Python's escapes
