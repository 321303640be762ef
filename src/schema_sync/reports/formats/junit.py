"""JUnit XML: a test case for each object that was compared; those that differ fail.

There is no standard; the elements are those that the xunit plugin of Jenkins describes (junit-10.xsd), which
GitLab and the readers of GitHub Actions take too. A case is named alike whether it fails or passes, so that its
history can be followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from schema_sync.model.findings import Finding, Report, Severity
from schema_sync.reports.base import View, counted, line, objects
from schema_sync.reports.escaping import printable

_TOOL = "schema-sync"


def render(view: View) -> str:
    """Return the document: one suite, its cases sorted by object."""
    cases = list(_cases(view))
    counts = {"tests": len(cases)}
    for outcome, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        counts[plural] = sum(case.find(outcome) is not None for case in cases)
    figures = {name: str(count) for name, count in counts.items()}
    overall = {name: figure for name, figure in figures.items() if name != "skipped"}
    root = _element("testsuites", name=view.heading, **overall)
    suite = _element("testsuite", name=view.heading, **figures)
    root.append(suite)
    suite.append(_properties(view.report))
    suite.extend(cases)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _cases(view: View) -> Iterator[Element]:
    report = view.report
    for unread in report.unreadable:
        case = _case("file", unread.at.path)
        case.append(
            _element("error", f"{unread.at.exact}: {unread.why}", type="file-unreadable", message=unread.why)
        )
        yield case
    if report.incomplete:
        case = _case("migrations", report.source)
        case.append(_element("error", report.incomplete, type="replay-incomplete", message=report.incomplete))
        yield case
    for (suite, name), findings in sorted(objects(report).items()):
        case = _case(suite, name)
        case.extend(_outcome(view, findings))
        yield case
    for note in report.not_checked:
        case = _case("not-checked", note.what)
        case.append(_element("skipped", message=note.why))
        yield case


def _outcome(view: View, findings: list[Finding]) -> Iterator[Element]:
    """Yield what fails a case, and what is below the threshold as its output."""
    failing = [f for f in findings if view.fails(f)]
    passing = [f for f in findings if not view.fails(f)]
    if failing:
        counts = (f"{sum(f.severity is s for f in failing)} {s.word}" for s in sorted(Severity)[::-1])
        shown = ", ".join(count for count in counts if not count.startswith("0 "))
        rules = ", ".join(sorted({f.rule for f in failing}))
        message = f"{counted(len(failing), 'difference')}: {shown}"
        yield _element("failure", *map(line, failing), type=rules, message=message)
    if passing:
        yield _element("system-out", *map(line, passing))


def _properties(report: Report) -> Element:
    known = {"source": report.source, "db_hash": report.db_hash, "suppressed": str(report.suppressed)}
    properties = _element("properties")
    properties.extend(_element("property", name=name, value=value) for name, value in known.items())
    return properties


def _case(suite: str, name: str) -> Element:
    return _element("testcase", classname=f"{_TOOL}.{suite}", name=name)


def _element(tag: str, *lines: str, **attributes: str) -> Element:
    """Return an element; XML 1.0 has no way to write a control character, so they are shown as escapes."""
    made = Element(tag, {name: printable(value) for name, value in attributes.items()})
    made.text = "\n".join(map(printable, lines)) or None
    return made
