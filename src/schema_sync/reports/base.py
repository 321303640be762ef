"""A report as all formats see it, and the lines of a text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from msgspec.structs import replace

from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Report, Severity, Word
from schema_sync.reports.escaping import printable

Style = Word | Literal["plain", "title", "quiet", "good", "warning", "fault", "added", "removed", "hunk"]
"""What a part of a text means; only a terminal makes colours of it."""
_MARKS: dict[str, Style] = {"✓": "good", "⚠️": "warning", "!": "warning", "✗": "fault", "❌": "fault", "-": "quiet"}

Line = tuple[Literal["old", "new", "same", "gap"], str]
"""A line of a difference, and on which side it stands; a gap is for lines that are not shown."""

_SHOWN = 5
_OWN_KINDS = {"enum", "composite", "schema"}


class Part(Value, frozen=True):
    """A part of a line, as it is: it is escaped where it is printed.

    Attributes:
        text: without line feeds; a database's or the code's, and so hostile.
        style: what it means.
        path: the file that it names, as seen from the current folder; empty where it names none.
    """

    text: str
    style: Style = "plain"
    path: str = ""


class Styled(Value, frozen=True):
    """A line of a text for people.

    Attributes:
        parts: what it consists of.
        verbatim: whether it is code: then it is never folded, and its tabs stay.
        hanging: where it is folded, by how many columns the other lines are further to the right.
    """

    parts: tuple[Part, ...]
    verbatim: bool = False
    hanging: int = 2

    @property
    def text(self) -> str:
        """The line, not escaped."""
        return "".join(part.text for part in self.parts)

    def indented(self) -> Styled:
        """Return the line two columns to the right."""
        return Styled((Part("  "), *self.parts), self.verbatim)

    def plain(self) -> str:
        """Return the line where nothing can be styled, with its end; nothing in it steers a terminal."""
        return printable(self.text, keep="\t" if self.verbatim else "") + "\n"


def styled(*parts: str | Part) -> Styled:
    """Return a line of *parts*."""
    return Styled(tuple(Part(each) if isinstance(each, str) else each for each in parts))


def marked(text: str) -> Styled:
    """Return a line that begins, behind spaces, with a mark such as ✓: the mark has its style."""
    mark = text.split(maxsplit=1)[0]
    before, _, behind = text.partition(mark)
    return styled(before, Part(mark, _MARKS[mark]), behind)


def written(said: str, path: str, behind: str = "") -> Styled:
    """Return a line on a file at *path*; what is *said* before it begins with a mark."""
    return Styled((*marked(said).parts, Part(path, path=path), Part(behind)))


def indented(before: str, text: str) -> Iterator[Styled]:
    """Yield the lines of *text*: the first behind *before*, the others six columns to the right."""
    first, *others = text.split("\n")
    yield from (styled(before, first), *(styled("      ", line) for line in others))


def linked(text: str, path: str, behind: str) -> tuple[Part, ...]:
    """Return *text* in parts, of which the first place is a link: *path* with what is *behind* it, as ``:3``."""
    before, place, after = text.partition(path + behind)
    return (Part(before), Part(place, path=path), Part(after)) if place else (Part(text),)


def labelled(label: str, style: Style, text: str) -> list[Styled]:
    """Return the lines of *text*, the first behind a *label*."""
    first, *others = text.split("\n")
    return [styled(Part(label, style), f" {first}"), *map(styled, others)]


def lines_of(text: str, style: Style = "plain", *, verbatim: bool = False) -> list[Styled]:
    """Return the lines of *text* in one style."""
    return [Styled((Part(each, style),), verbatim) for each in text.split("\n")]


class Mend(Value, frozen=True, kw_only=True):
    """What mends a finding: a command, empty where a person has to, and the lines that this changes.

    ``why`` states why the lines cannot be shown.
    """

    command: str = ""
    lines: tuple[Line, ...] = ()
    why: str = ""


def _by_hand(_finding: Finding, _with_lines: bool, /) -> Mend:  # a callback's
    return Mend()


class View(Value, frozen=True, kw_only=True):
    """A report and what its rendering depends on.

    Attributes:
        title: the configuration's title, may be empty.
        first_schema: the schema whose objects go by their bare names.
        fail_on: the severity from which findings fail a check, None for never.
        folder: where the project lies in its repository, with ``/``; empty if that is its root.
        flags: whether the user gives commands as flags, as scripts/sync_schema.py takes them.
        seen: gives a path of the project as it is seen from the current folder, for texts.
        schemas: those that were compared.
        files: how many Python files were read for classes, None where this is not known.
        address: that of the files as they were compared, to which ``/PATH#LLINE`` is added; may be empty.
        mend: gives what mends a finding, with its lines or without.
        mends: for how many findings their lines are asked for: each time a file is read, changed and compiled.
    """

    report: Report
    title: str = ""
    first_schema: str = "public"
    fail_on: Severity | None = Severity.LOW
    folder: str = ""
    seen: Callable[[str], str] = str
    flags: bool = False
    schemas: tuple[str, ...] = ()
    files: int | None = None
    address: str = ""
    mend: Callable[[Finding, bool], Mend] = _by_hand
    mends: int = 100

    @property
    def heading(self) -> str:
        """The first line of a report."""
        return f"{self.title} Schema Synchronization".strip()

    @property
    def drifted(self) -> bool:
        """Whether a finding is at or above the threshold."""
        return any(map(self.fails, self.report.findings))

    def fails(self, finding: Finding) -> bool:
        """Whether *finding* is at or above the threshold."""
        return self.fail_on is not None and finding.severity >= self.fail_on

    @property
    def summary(self) -> str:
        """The outcome in a line, without any name in it: what differs, and what is not known."""
        report = self.report
        counts = [f"{report.count(s)} {s.word}" for s in sorted(Severity, reverse=True) if report.count(s)]
        parts = [f"{counted(len(report.findings), 'difference')}: {', '.join(counts)}."] if counts else []
        parts += ["✓ Schemas are in sync."] if report.in_sync else []
        parts += [f"{counted(len(report.unreadable), 'file')} could not be read."] if report.unreadable else []
        parts += [f"{report.incomplete}."] if report.incomplete else []
        parts += [f"{len(report.not_checked)} not checked."] if report.not_checked else []
        parts += [f"{report.suppressed} suppressed."] if report.suppressed else []
        return " ".join(parts)

    @property
    def report_from_here(self) -> Report:
        """The report for a text: its findings are at paths relative to the current folder."""
        return replace(self.report, findings=tuple(each.with_paths(self.seen) for each in self.report.findings))

    def in_repository(self, path: str) -> str:
        """Return *path*, relative to the project, as a path relative to the repository."""
        return f"{self.folder}/{path}" if self.folder else path


def counted(number: int, noun: str) -> str:
    """Return *number* and *noun*, in the plural where it has to be."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def coverage_line(report: Report) -> str:
    """Return what was compared and what was not, in a line."""
    return "; ".join(coverage_parts(report))


def coverage_parts(report: Report) -> list[str]:
    """Return what was compared and what was not: classes, models, queries, SQL; a part for each that there is."""
    tables, enums, classes = report.compared
    parts = [f"compared: {counted(tables, 'table')}, {counted(enums, 'enum')}, {counted(classes, 'class')}"]
    if report.models_not_compared:
        parts.append(f"not compared: {counted(report.models_not_compared, 'model')}")
    calls = report.queries
    named = {"certain": calls.certain, "inferred": calls.inferred, "computed at run time": calls.dynamic}
    queries = ", ".join(f"{number} {how}" for how, number in named.items() if number)
    parts += [f"queries: {queries}"] if queries else []
    parts += [f"not checked: {counted(report.sql_not_checked, 'SQL literal')}"] if report.sql_not_checked else []
    return parts


def migration_lines(report: Report) -> list[str]:
    """Return which migrations the database has, where that may explain what differs."""
    state = report.migrations
    if state is None or not (report.findings or state.pending or state.unknown):
        return []
    if state.why:
        return [f"which migrations of {state.folder} are applied is not known: {state.why}"]
    lines: list[str] = []
    all_files = f"{counted(state.files, 'migration')} in {state.folder}"
    if state.pending:
        lines.append(
            f"not recorded as applied to this database: {len(state.pending)} of {all_files}:"
            f" {_first(state.pending)}; `{state.push}` applies them"
        )
    if state.unknown:
        lines.append(
            f"recorded as applied to this database, and not in {state.folder}: {_first(state.unknown)};"
            " `supabase migration fetch` writes them"
        )
    return lines or [
        f"recorded as applied to this database: all of {all_files}, so what differs waits for none of them."
        " Where `schema-sync check --source migrations` does not find it, the database was changed by hand:"
        " `supabase db pull` writes that as a migration, `schema-sync update` into the code"
    ]


def _first(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return f"{', '.join(names[:_SHOWN])}{f' and {more} more' if more > 0 else ''}"


def by_severity(view: View) -> list[Finding]:
    """Return the findings, worst first: some readers show only the first few."""
    return sorted(view.report.findings, key=lambda f: -f.severity)


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with a fingerprint that no other has.

    Two classes of one name in two files can differ from a table in the same way; the second is numbered.
    """
    seen: dict[str, int] = {}
    for finding in findings:
        number = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        yield finding, finding.fingerprint if number == 1 else f"{finding.fingerprint}-{number}"


def objects(report: Report) -> dict[tuple[str, str], list[Finding]]:
    """Return the findings by kind and object: all that a class maps to, and all that differ."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for bound in report.bindings:
        found.setdefault((_kind(bound.role), str(bound.object)), [])
    for finding in report.findings:
        found.setdefault((_kind(finding.subject.kind), str(finding.subject)), []).append(finding)
    return found


def _kind(kind: str) -> str:
    return kind if kind in _OWN_KINDS else "relation"


def line(finding: Finding) -> str:
    """Return the finding in one line: place, severity, rule, message."""
    return f"{finding.at}: {finding.severity.word} {finding.rule}: {finding.message}"
