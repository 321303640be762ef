"""The report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.

The page is ``report.html.jinja``; every value in it is escaped where it is put in, and what is invisible is shown.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from schema_sync import __version__
from schema_sync.model.findings import Severity
from schema_sync.reports.base import View, counted, coverage_parts, migration_lines
from schema_sync.reports.blocks import blocks
from schema_sync.reports.escaping import printable


def render(view: View) -> str:
    """Return the page."""
    report = view.report
    severities = sorted(Severity, reverse=True)
    return _template().render(
        view=view,
        report=report,
        blocks=sorted(blocks(report, view.first_schema), key=lambda b: -b.severity),
        figures=[(s.word, report.count(s)) for s in severities],
        version=__version__,
        counted=counted,
        migrations=migration_lines(report),
        coverage=coverage_parts(report),
    )


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
