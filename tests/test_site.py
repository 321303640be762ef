"""The documentation's site: its pages, their links, and what finds a fault in what was built (make site builds it)."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SITE = runpy.run_path(str(REPOSITORY / "docs/site.py"))
PLACES = SITE["places"]()
PAGES = {place for place in PLACES.values() if place.endswith(".md")}


def named(entry: object) -> list[str]:
    """The pages that a part of the navigation names."""
    if isinstance(entry, str):
        return [entry]
    values = entry.values() if isinstance(entry, dict) else entry
    return [page for value in values for page in named(value)]


def test_every_page_is_in_the_navigation_once() -> None:
    navigation = named(tomllib.loads(SITE["configuration"](PLACES))["project"]["nav"])
    assert sorted(navigation) == sorted(PAGES)
    assert {"index.md", "start.md", "rules/column-removed.md", "decisions/site.md"} <= PAGES


def test_no_two_files_have_one_place() -> None:
    assert len({*PLACES.values()}) == len(PLACES)


@pytest.mark.parametrize("source", [source for source in PLACES if source.endswith(".md")])
def test_links_lead_to_places_of_the_site(source: str) -> None:
    page = SITE["page"](source, (REPOSITORY / source).read_text(), PLACES)
    folder = Path("/site") / Path(PLACES[source]).parent
    for link in re.findall(r"\]\(([^)\s#]+)[^)\s]*\)", SITE["FENCE"].sub("", page)):
        if not re.match("[a-z]+:", link):
            assert (folder / link).resolve().relative_to("/site").as_posix() in PLACES.values(), link


@pytest.mark.parametrize("source", [source for source in PLACES if source.endswith(".md")])
def test_blocks_are_set_as_both_kinds_of_markdown_want_them(source: str) -> None:
    text = SITE["FENCE"].sub("", (REPOSITORY / source).read_text())
    assert not re.findall(r"\n\n {1,3}\S.*", text)
    assert not re.findall(r"\n(?![-*|#> ]|\d+\. ).+\n(?:[-*]|\d+\.) .*", text), "a blank line goes before a list"
    assert not re.findall(r"\n *[^|\s].*\n *\|.*", text), "a blank line goes before a table"
    assert not re.findall(r"\n {1,3}(?:[-*]|\d+\.) .*", text), "lists within lists are indented by four blanks"


class TestPages:
    def page(self, text: str, source: str = "docs/guides/x.md") -> str:
        where = {source: source.removeprefix("docs/"), "docs/a.md": "a.md", "README.md": "start.md"}
        page: str = SITE["page"](source, text, where)
        return page

    def test_links_follow_their_targets(self) -> None:
        assert self.page("[a](../a.md#b) ![i](../../README.md)") == "[a](../a.md#b) ![i](../start.md)"
        assert self.page("[`[x]`](../a.md)") == "[`[x]`](../a.md)"

    def test_what_is_no_file_stays(self) -> None:
        text = "[a](#b) [c](https://example.org/d)\n\n```text\n[e](../f.md)\n```\n"
        assert self.page(text) == text

    def test_escaped_pipes_in_code_are_pipes(self) -> None:
        assert self.page("| `a \\| <b>` | c |") == "| <code>a &#124; &lt;b&gt;</code> | c |"

    def test_a_file_that_is_not_shown_is_a_link_to_the_repository_or_text(self) -> None:
        address = SITE["repository"]()
        assert self.page("[a](../../LICENSE)") == (f"[a]({address}/blob/HEAD/LICENSE)" if address else "a")

    def test_a_link_that_leads_nowhere_is_an_error(self) -> None:
        with pytest.raises(FileNotFoundError, match=r"docs/guides/x\.md: \.\./gone\.md"):
            self.page("[a](../gone.md)")

    def test_a_diagram_brings_the_script_that_draws_it(self) -> None:
        assert '<script src="../mermaid.min.js">' in self.page("```mermaid\nflowchart\n```\n")
        assert "<script" not in self.page("```text\nflowchart\n```\n")


class TestFaults:
    def faults(self, folder: Path, **pages: str) -> list[str]:
        for name, text in pages.items():
            (folder / name).mkdir()
            (folder / name / "index.html").write_text(text)
        found: list[str] = SITE["faults"](folder)
        return found

    def test_none(self, tmp_path: Path) -> None:
        one = '<a href="../two/#b">x</a> <a href="https://example.org">y</a> <a href="#c">z</a> <p id="c">'
        two = '<h2 id="b"></h2> <img src="../one/index.html">'
        assert self.faults(tmp_path, one=one, two=two) == []

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('<a href="../two/">', "one/index.html links to ../two/"),
            ('<a href="#gone">', "one/index.html links to #gone"),
            ('<script src="gone.js"></script>', "one/index.html links to gone.js"),
            ('<script src="https://example.org/a.js"></script>', "one/index.html loads https://example.org/a.js"),
            ('<link rel="stylesheet" href="//example.org/a.css">', "one/index.html loads //example.org/a.css"),
        ],
    )
    def test_each(self, tmp_path: Path, text: str, fault: str) -> None:
        assert self.faults(tmp_path, one=text) == [fault]
