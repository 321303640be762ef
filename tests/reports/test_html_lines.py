"""The HTML page: what mends a finding, where its code is, and what was looked at."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from drifted import drifted, viewed
from test_formats import many

from schema_sync import cli
from schema_sync.model.findings import Finding, Report
from schema_sync.reports.base import Line, Mend, View
from schema_sync.reports.formats import html
from schema_sync.reports.line_diff import changed
from schema_sync.usecases.shown_code import code_address

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

SHA = "0123456789abcdef0123456789abcdef01234567"
ON_GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": SHA}
ADDRESS = f"https://github.com/acme/app/blob/{SHA}"


@pytest.fixture
def page(tmp_path: Path, database: Database) -> str:
    return html.render(drifted(tmp_path, database))


def finding(page: str, rule: str, part: str = "") -> str:
    """The item of the finding of *rule* on *part*."""
    items = re.findall(r'<li class="finding.*?</li>', page, re.DOTALL)
    return next(item for item in items if f"#rule-{rule}" in item and part in item)


class TestFindings:
    def test_show_the_line_before_and_after(self, page: str) -> None:
        shown = finding(page, "column-type-mismatch", ">score<")
        assert (
            '<pre class="lines"><code class="old">from typing import TypedDict</code>'
            '<code class="new">from typing import Optional, TypedDict</code><code class="gap"></code>'
            '<code class="old">    score: str</code><code class="new">    score: Optional[int]</code></pre>'
        ) in shown, "the other finding on this line is mended too"
        assert "row <code>OrganizationRow</code>" in shown
        assert "<code>schema-sync update</code>" in shown

    def test_show_what_is_removed_and_how(self, page: str) -> None:
        shown = finding(page, "column-removed", ">legacy_code<")
        assert '<pre class="lines"><code class="old">    legacy_code: str</code></pre>' in shown
        assert "<code>schema-sync update --prune</code>" in shown

    def test_that_a_person_mends_say_so(self) -> None:
        assert "mended by hand</p>" in html.render(many(1))

    def test_say_why_there_are_no_lines(self) -> None:
        def mend(_finding: Finding, _with_lines: bool) -> Mend:
            return Mend(command="schema-sync update", why="<no>")

        view = View(report=many(1).report, mend=mend)
        assert "<code>schema-sync update</code>: &lt;no&gt;</p>" in html.render(view)

    def test_of_a_new_class_show_its_first_lines(self, page: str) -> None:
        shown = finding(page, "table-undeclared")
        assert '<code class="new">BXRow = TypedDict(</code>' in shown
        assert re.search(r'<code class="same">… \d more lines</code></pre>', shown)

    def test_beyond_the_first_have_no_lines_and_the_page_says_so(self) -> None:
        def mend(_: Finding, with_lines: bool) -> Mend:
            lines: list[Line] = [("new", str(number)) for number in range(20)]
            return Mend(command="schema-sync update", lines=tuple(lines) if with_lines else ())

        count = html.MOST_OPEN + 5
        text = html.render(View(report=many(count).report, mend=mend, mends=3))
        assert text.count('<pre class="lines">') == 3
        assert text.count("<code>schema-sync update</code></p>") == count
        assert "Lines are shown for the first 3 findings." in text
        assert '<code class="new">11</code><code class="same">… 8 more lines</code></pre>' in text
        assert text.count('<details open class="object">') == html.MOST_OPEN
        assert text.count('<details class="object">') == 5
        assert f"The first {html.MOST_OPEN} objects are unfolded" in text

    def test_name_the_shape_of_their_class(self, tmp_path: Path, database: Database) -> None:
        database.run("create table users (id int primary key, name text)")
        code = (
            "from typing import NotRequired, TypedDict\n\n\nclass UserRow(TypedDict):\n    id: int\n    name: str | None\n\n\n"
            "class UserInsert(TypedDict):\n    id: str\n    name: NotRequired[str | None]\n"
        )
        page = html.render(viewed(tmp_path, database, {"schemas/rows.py": code}))
        shown = finding(page, "column-type-mismatch")
        assert "insert <code>UserInsert</code>" in shown
        assert '<code class="old">    id: str</code><code class="new">    id: int</code>' in shown

    def test_in_a_large_file_are_fewer_with_lines(self, tmp_path: Path, database: Database) -> None:
        assert drifted(tmp_path, database).mends == 100
        large = {"schemas/rows.py": f"class UserRow: pass\n#{'x' * 1_000_000}\n"}
        database.run("create table users (id int primary key)")
        assert (
            viewed(tmp_path, database, {**large, "schemas/database/entities.py": large["schemas/rows.py"]}).mends
            == 3
        )

    def test_link_to_the_rules_page(self, page: str) -> None:
        assert '<pre id="rule-column-removed"># column-removed\n' in page


class TestLinks:
    def test_lead_to_the_lines_where_the_repository_is_known(self, page: str) -> None:
        assert f'<a href="{ADDRESS}' not in page
        view = View(report=many(1).report, folder="back end", address=ADDRESS)
        at = f"{ADDRESS}/back%20end/schemas/database/entities.py#L1"
        assert f'<a href="{at}"><code>schemas/database/entities.py:1</code></a>' in html.render(view)

    @pytest.mark.parametrize(
        ("environment", "address"),
        [
            ({}, ""),
            (ON_GITHUB, ADDRESS),
            ({**ON_GITHUB, "GITHUB_SERVER_URL": "javascript:alert(1)"}, ""),
            ({**ON_GITHUB, "GITHUB_REPOSITORY": 'a/b"c'}, ""),
            ({**ON_GITHUB, "GITHUB_SHA": "main"}, ""),
            ({"CI_PROJECT_URL": "https://gitlab.com/a/b/c", "CI_COMMIT_SHA": SHA}, f"https://gitlab.com/a/b/c/-/blob/{SHA}"),
            ({"CI_PROJECT_URL": "https://gitlab.com/a b", "CI_COMMIT_SHA": SHA}, ""),
        ],
    )  # fmt: skip
    def test_know_the_services(self, environment: dict[str, str], address: str) -> None:
        assert code_address(environment) == address

    def test_are_made_by_check(
        self, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:  # fmt: skip
        drifted(tmp_path, database)
        (tmp_path / "schemas/broken.py").unlink()
        monkeypatch.chdir(tmp_path)
        for name, value in ON_GITHUB.items():
            monkeypatch.setenv(name, value)
        assert cli.run(["check", "--source", database.dsn, "--format", "html"]) == 1
        assert f'<a href="{ADDRESS}/schemas/database/entities.py#L' in capsys.readouterr().out
        assert cli.run(["report", "--source", database.dsn, "--output", "drift.html"]) == 0
        assert '<code class="old">    legacy_code: str</code>' in (tmp_path / "drift.html").read_text()


def test_a_green_page_shows_what_was_looked_at(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database.run("create type mood as enum ('sad'); create table users (id int primary key, mood mood)")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["update", "--source", database.dsn]) == 0
    capsys.readouterr()
    assert cli.run(["check", "--source", database.dsn, "--format", "html"]) == 0
    out = capsys.readouterr().out
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", out.partition("<body>")[2])).split())
    assert "✓ Schemas are in sync Source dsn, postgresql://" in text
    assert "Schema public Compared 1 table, 1 enum, 2 classes Files " in text
    assert "2 with classes that were compared" in text
    assert "schemas/database/entities.py UserRow , row of public.users" in text
    assert re.search(r"<details open>\n<summary class=\"plain\">2 classes by file", out)
    assert re.search(r"schema-sync \S+ · database [0-9a-f]{12}$", text)


def test_classes_beyond_the_most_are_counted(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "MOST_CLASSES", 1)
    text = html.render(drifted(tmp_path, database))
    assert ">4 classes by file<" in text
    assert "<li>… and 3 more</li>" in text
    assert "2 with classes that were compared" in text


def test_changed_lines_are_those_of_one_side() -> None:
    assert changed(["a", "b", "c"], ["a", "x", "c", "d"]) == [
        ("old", "b"),
        ("new", "x"),
        ("same", "c"),
        ("new", "d"),
    ]
    far = [str(number) for number in range(9)]
    assert changed(["a", *far], [*far, "a"]) == [("old", "a"), ("gap", ""), ("new", "a")]
    assert changed([], ["a"]) == [("new", "a")]


def test_a_page_without_a_project_has_no_empty_facts() -> None:
    text = html.render(View(report=Report(source_kind="lock", source="x", db_hash="0" * 64)))
    assert "<dt>Schema" not in text
    assert "<dt>Files" not in text
