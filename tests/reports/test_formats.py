"""Each format by the rules of those who read it: schemas, escapes, limits; hostile names stay names."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
from drifted import HOSTILE, drifted, hostile
from msgspec.structs import replace

from schema_sync.model.declarations import Location, Unreadable
from schema_sync.model.findings import Finding, Note, Report, Severity, Subject
from schema_sync.reports.base import View
from schema_sync.reports.escaping import markdown as escaped
from schema_sync.reports.escaping import printable
from schema_sync.reports.formats import FORMATS, github, gitlab, html, jsonl, junit, markdown, sarif
from schema_sync.reports.formats import json as json_format

if TYPE_CHECKING:
    from conftest import Database

REPOSITORY = Path(__file__).parents[2]
SCHEMAS = REPOSITORY / "tests" / "schemas"
CONTRACT = json.loads((REPOSITORY / "docs/schemas/report.schema.json").read_text())
EMPTY = View(report=Report(source_kind="lock", source="schema_lock.json", db_hash="0" * 64))


@pytest.fixture
def view(tmp_path: Path, database: Database) -> View:
    return drifted(tmp_path, database)


@pytest.fixture
def bad(tmp_path: Path, database: Database) -> View:
    return hostile(tmp_path, database)


@pytest.fixture(params=["view", "bad", "empty"])
def any_view(request: pytest.FixtureRequest) -> View:
    return EMPTY if request.param == "empty" else request.getfixturevalue(request.param)


def many(number: int, name: str = "t") -> View:
    """A report of *number* findings on as many tables."""
    at = Location(path="schemas/database/entities.py", line=1)
    findings = tuple(
        Finding(
            rule="table-undeclared",
            subject=Subject(kind="table", schema="public", name=f"{name}{n:05}"),
            change="added",
            message=f"No class declares table public.{name}{n:05} (5 columns).",
            detail="Columns: 5",
            impact="none",
            severity=Severity((n % 4) + 1),
            at=at,
        )
        for n in range(number)
    )
    return replace(EMPTY, report=replace(EMPTY.report, findings=findings))


# ---- all


def test_every_ending_means_one_format() -> None:
    endings = [ending for each in FORMATS.values() for ending in each.endings if ending != ".json"]
    assert len(set(endings)) == len(endings)
    assert all(each.endings for each in FORMATS.values())


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])  # whose bytes are settled
def test_nothing_invisible_and_no_line_end_in_a_name(name: str, bad: View) -> None:
    rendered = FORMATS[name].render(bad)
    lines = rendered.splitlines()
    assert lines == rendered.removesuffix("\n").split("\n"), "a name ends a line for some readers"
    for line in lines:
        assert printable(line) == line


def test_the_summary_says_what_is_not_known(view: View) -> None:
    assert EMPTY.summary == "✓ Schemas are in sync."
    assert view.summary.endswith("1 file could not be read. 1 not checked. 1 suppressed.")
    partial = replace(view, report=replace(view.report, findings=(), not_checked=(), suppressed=0))
    assert partial.summary == "1 file could not be read."


# ---- github


COMMAND = re.compile(
    r"::(?P<level>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)",
)


def test_github(any_view: View) -> None:
    *lines, last = github.render(any_view).splitlines()
    report = any_view.report
    assert len(lines) == len(report.unreadable) + len(report.findings) + len(report.not_checked)
    assert last == any_view.summary
    for line in lines:
        command = COMMAND.fullmatch(line)
        assert command, line
        properties = dict(each.split("=", 1) for each in command["properties"].split(","))
        assert "%" not in re.sub("%(25|3A|2C)", "", command["properties"])
        assert "%" not in command["message"].replace("%25", "")
        assert properties["title"]
    if report.findings:
        finding = max(report.findings, key=lambda f: f.severity)
        first = COMMAND.fullmatch(lines[len(report.unreadable)])
        assert first
        assert unquote(first["message"]) == printable(finding.message)


def test_github_levels(view: View) -> None:
    text = github.render(view)
    for severity, level in (("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "notice")):
        found = {line.split()[0] for line in text.splitlines() if f"({severity})::" in line}
        assert found == {f"::{level}"}


@pytest.mark.parametrize("folder", ["", "back,end/a b"])
def test_places_are_relative_to_the_repository(view: View, folder: str) -> None:
    inside = replace(view, folder=folder)
    prefix = f"{folder}/" if folder else ""
    escaped = prefix.replace(",", "%2C")
    assert f"file={escaped}schemas/broken.py,line=2,col=7," in github.render(inside)
    assert {issue["location"]["path"] for issue in json.loads(gitlab.render(inside))} == {
        f"{prefix}schemas/broken.py",
        f"{prefix}schemas/enums.py",
        f"{prefix}schemas/database/entities.py",
        ".",
    }
    (run,) = json.loads(sarif.render(inside))["runs"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert {unquote(place["uri"]) for place in places} == {
        f"{prefix}schemas/enums.py",
        f"{prefix}schemas/database/entities.py",
    }
    assert not any(" " in place["uri"] for place in places)


# ---- jsonl


def test_jsonl_is_the_contract_by_lines(any_view: View) -> None:
    head, *findings = [json.loads(line) for line in jsonl.render(any_view).splitlines()]
    whole = json.loads(json_format.render(any_view))
    assert findings == whole.pop("findings")
    assert head == whole
    jsonschema.validate({**head, "findings": findings}, CONTRACT)


# ---- sarif


def test_sarif_validates(any_view: View) -> None:
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text())
    log = json.loads(sarif.render(any_view))
    jsonschema.validate(log, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**log, "surplus": 1}, schema)


def test_sarif_says_the_same(view: View) -> None:
    (run,) = json.loads(sarif.render(view))["runs"]
    rules = run["tool"]["driver"]["rules"]
    levels = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
    assert len(run["results"]) == len(view.report.findings)
    for result, finding in zip(run["results"], view.report.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert result["level"] == levels[result["properties"]["severity"]]
        assert result["partialFingerprints"]["schemaSync/v1"] == finding.fingerprint
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] == finding.at.line
        assert location["physicalLocation"]["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [n["descriptor"]["id"] for n in invocation["toolExecutionNotifications"]] == [
        "file-unreadable",
        "not-checked",
    ]
    assert run["properties"]["suppressed"] == 1


def test_a_sarif_message_holds_neither_link_nor_placeholder(bad: View) -> None:
    (run,) = json.loads(sarif.render(bad))["runs"]
    texts = [result["message"]["text"] for result in run["results"]]
    assert not [text for text in texts if re.search(r"(?<!\\)\[[^\[\]]*\]\(", text)]
    assert not [text for text in texts if re.search(r"(?<!\{)\{(?!\{)", text.replace("{{", ""))]


# ---- junit


def test_junit_validates(any_view: View) -> None:
    schema = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
    schema.validate(junit.render(any_view))
    assert not schema.is_valid("<testsuites><testsuite/></testsuites>")


def test_junit_counts(any_view: View) -> None:
    root = ET.fromstring(junit.render(any_view))
    suite = root.find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[name]) == len([case for case in cases if case.find(tag) is not None])
    assert int(suite.attrib["tests"]) == len(cases)
    names = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert len(set(names)) == len(names)
    assert len(suite.findall(".//error")) == len(any_view.report.unreadable)
    assert len(suite.findall(".//skipped")) == len(any_view.report.not_checked)


def test_junit_has_a_case_for_each_object_that_was_compared(view: View) -> None:
    root = ET.fromstring(junit.render(view))
    cases = {(c.attrib["classname"], c.attrib["name"]): [child.tag for child in c] for c in root.iter("testcase")}
    assert cases["schema-sync.relation", "public.pets"] == []
    assert cases["schema-sync.relation", "public.ghosts"] == ["failure"]
    assert cases["schema-sync.enum", "public.colour"] == ["failure"]
    failure = root.find(".//testcase[@name='public.organizations']/failure")
    assert failure is not None
    assert failure.attrib["message"] == "5 differences: 1 critical, 2 high, 2 medium"
    assert len((failure.text or "").splitlines()) == 5

    critical = ET.fromstring(junit.render(replace(view, fail_on=Severity.CRITICAL)))
    tags = {c.attrib["name"]: [child.tag for child in c] for c in critical.iter("testcase")}
    assert tags["public.colour"] == ["system-out"]
    assert tags["public.organizations"] == ["failure", "system-out"]


# ---- gitlab


def test_gitlab_has_the_documented_fields(any_view: View) -> None:
    issues = json.loads(gitlab.render(any_view))
    report = any_view.report
    assert len(issues) == len(report.unreadable) + len(report.findings) + len(report.not_checked)
    for issue in issues:
        assert list(issue) == ["description", "check_name", "fingerprint", "severity", "location"]
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not issue["location"]["path"].startswith(("/", "./"))
        assert issue["location"]["lines"]["begin"] >= 1
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == len(prints)


def test_two_classes_that_differ_alike_are_two_issues(view: View) -> None:
    finding = view.report.findings[0]
    elsewhere = replace(finding, at=replace(finding.at, path="other.py"))
    twice = replace(view, report=replace(view.report, findings=(finding, elsewhere)))
    (run,) = json.loads(sarif.render(twice))["runs"]
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert prints == [finding.fingerprint, f"{finding.fingerprint}-2"]
    assert [i["fingerprint"] for i in json.loads(gitlab.render(twice))][1:3] == prints


# ---- html


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_whole_and_needs_nothing_else(any_view: View) -> None:
    page = Page(html.render(any_view))
    assert page.open == []
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert {("id", v.removeprefix("#")) for n, v in page.attributes if n == "href"} <= page.attributes
    assert any("default-src 'none'" in value for _, value in page.attributes)


def test_html_shows_names_as_they_are(bad: View) -> None:
    page = Page(html.render(bad))
    for name in HOSTILE:
        assert printable(name) in page.text
    assert page.text.count(printable(HOSTILE[9])) > 3
    ids = [value for name, value in page.attributes if name == "id"]
    assert sorted(ids) == ["rule-enum-undeclared", "rule-table-undeclared", "show-high"]


def test_html_says_what_is_not_known(view: View) -> None:
    text = " ".join(Page(html.render(view)).text.split())
    assert "10 differences in 5 objects" in text
    assert "This report is partial: 1 file could not be read. schemas/broken.py:2:7" in text
    assert "1 thing not compared" in text
    assert "Suppressed1 finding" in text
    assert "1 class matches no database object SortOrder" in text

    assert "Schemas are in sync" in Page(html.render(EMPTY)).text
    unread = Unreadable(at=Location(path="a.py", line=1), why="no")
    partial = replace(EMPTY, report=replace(EMPTY.report, unreadable=(unread,)))
    assert "in sync" not in Page(html.render(partial)).text
    below = Page(html.render(replace(many(1), fail_on=Severity.HIGH))).text
    assert "None at or above high" in below
    assert "Differences do not fail here" in Page(html.render(replace(many(1), fail_on=None))).text


# ---- markdown


def test_markdown_keeps_names_out_of_markup(bad: View) -> None:
    text = markdown.render(bad)
    assert "`" not in text
    tags = set(re.findall(r"<[^>]*>", text))
    assert tags == {"<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"}
    for line in text.splitlines():
        assert line.count("|") in {0, 5, 7}
    assert not re.search(r"https?://|www\.|(?<![&\w])[@#]\w|\]\(|!\[", text)


def test_markdown_calls_nobody_and_refers_to_nothing(bad: View) -> None:
    text = markdown.render(bad)
    assert "@all" in unescape(text)
    outside = unescape(re.sub(r"<code>.*?</code>", "", text))
    assert not re.search(r"@\w|#\d|https?:|www\.", outside)
    assert escaped("see GH-1, a/b#2 or (@me)").count("<code>") == 3


def test_markdown_of_many_fits_into_a_comment() -> None:
    names = ["t", "\u65e5`" * 20]
    for name in names:
        text = markdown.render(many(2000, name))
        assert 30_000 < len(text) <= markdown.LIMIT < 65_536
        left = [int(n) for n in re.findall(r"\*(\d+) more left out here", text)]
        shown = [text.split("<details>")[0].count("| table <code>"), text.count("| table-undeclared |")]
        assert [a + b for a, b in zip(left, shown, strict=True)] == [2000, 2000]
        assert text.count("<details>") == text.count("</details>")
        assert "| low |" not in text, "the worst come first"
    assert "left out" not in markdown.render(many(20))


def test_markdown_that_only_just_fits() -> None:
    full = next(n for n in range(200, 1000) if "left out" in markdown.render(many(n)))
    for number in range(full - 3, full + 3):
        assert len(markdown.render(many(number))) <= markdown.LIMIT


def test_a_long_message_does_not_push_all_out() -> None:
    (finding,) = many(1).report.findings
    notes = tuple(Note(what="w" * 5000, why="y" * 5000) for _ in range(100))
    long = replace(finding, message="x" * 70_000, detail="z" * 70_000)
    text = markdown.render(replace(EMPTY, report=replace(EMPTY.report, findings=(long,), not_checked=notes)))
    assert len(text) <= markdown.LIMIT
    assert text.count("xxx&#8230; |") == 1
    assert "Not checked: 100" in text


# ---- the documents


def test_every_format_is_in_the_guide_with_its_endings() -> None:
    guide = (REPOSITORY / "docs/reference/reports.md").read_text()
    for each in FORMATS.values():
        (row,) = (line for line in guide.splitlines() if line.startswith(f"| `{each.name}` |"))
        for ending in each.endings:
            assert f"`{ending}`" in row


SHOWN = re.compile(r"^\*\*`([a-z]+)`\.\*\*[^`]*(?:`[^`\n]+`[^`]*)*\n```[a-z]+\n([^`]*)\n```$", re.MULTILINE)


def test_the_examples_in_the_guide_are_of_the_golden_files() -> None:
    shown = dict(SHOWN.findall((REPOSITORY / "docs/reference/reports.md").read_text("utf-8")))
    assert set(FORMATS) - set(shown) == {"text", "json"}, "which have a longer place elsewhere"
    for name, text in shown.items():
        golden = (REPOSITORY / f"tests/golden/report{FORMATS[name].endings[0]}").read_text("utf-8")
        for part in text.split("…"):
            assert part.strip("\n") in golden, name
