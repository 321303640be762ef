"""The report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.

The page is ``report.html.jinja``; every value in it is escaped where it is put in, and what is invisible is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template

from schema_sync import __version__
from schema_sync.model.base import Value, grouped
from schema_sync.model.declarations import Location
from schema_sync.model.findings import Finding, Severity
from schema_sync.reports.base import Line, Mend, View, counted, coverage_parts, migration_lines
from schema_sync.reports.blocks import Block, blocks
from schema_sync.reports.escaping import printable
from schema_sync.rules import manual

MOST_OPEN = 10
MOST_LINES = 12
MOST_CLASSES = 500


class Shown(Value, frozen=True, kw_only=True):
    """A finding, what mends it, and what its class describes (``insert``; empty where no class is concerned)."""

    finding: Finding
    mend: Mend
    shape: str


def render(view: View) -> str:
    """Return the page."""
    report = view.report
    severities = sorted(Severity, reverse=True)
    ordered = sorted(blocks(report, view.first_schema), key=lambda b: -b.severity)
    classes = [bound for bound in report.bindings if bound.exists]
    pages = manual.all_pages() if report.findings else {}
    return _template().render(
        view=view,
        report=report,
        blocks=_shown_blocks(view, ordered),
        figures=[(s.word, report.count(s)) for s in severities],
        rules=[pages[rule] for rule in sorted({f.rule for f in report.findings}) if rule in pages],
        version=__version__,
        counted=counted,
        migrations=migration_lines(report),
        coverage=coverage_parts(report),
        classes=len(classes),
        class_files=len({bound.declaration.at.path for bound in classes}),
        compared=grouped((bound.declaration.at.path, bound) for bound in classes[:MOST_CLASSES]),
        address=partial(_address, view),
        cut=_cut,
        most_open=MOST_OPEN,
        most_classes=MOST_CLASSES,
    )


def _shown_blocks(view: View, ordered: Sequence[Block]) -> list[tuple[Block, list[Shown]]]:
    """Return the blocks with their findings, worst first; the first with the lines that mend them."""
    roles = {(b.declaration.name, b.declaration.at.path): b.role for b in view.report.bindings}
    found: list[tuple[Block, list[Shown]]] = []
    left = view.mends
    for block in ordered:
        shown: list[Shown] = []
        for finding in sorted(block.findings, key=lambda f: -f.severity):
            mend = view.mend(finding, left > 0)
            left -= 1
            shape = roles.get((finding.declaration or "", finding.at.path), "")
            shown.append(Shown(finding=finding, mend=mend, shape=shape))
        found.append((block, shown))
    return found


def _address(view: View, at: Location) -> str:
    """Return where a browser finds a place in the code; empty where that is not known."""
    path = quote(view.in_repository(at.path), errors="surrogateescape")
    return f"{view.address}/{path}#L{at.line}" if view.address else ""


def _cut(lines: Sequence[Line]) -> list[Line]:
    """Return the first of *lines*, and how many more there are."""
    found, more = list(lines[:MOST_LINES]), len(lines) - MOST_LINES
    if more > 0:
        found.append(("same", f"… {counted(more, 'more line')}"))
    return found


def _shown(value: object) -> object:
    return printable(value) if type(value) is str else value


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = files("schema_sync.reports.formats") / "report.html.jinja"
    return environment.from_string(template.read_text("utf-8"))
