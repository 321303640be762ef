"""What is in the page: hostile text as data, no secrets, the same bytes again; and a page of many tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from exploring import data_of, page, tab
from psycopg import sql

from schema_sync import cli
from schema_sync.explorer import contents, layout
from schema_sync.explorer.collect import Material, collect
from schema_sync.explorer.contents import ShownHistory, address
from schema_sync.explorer.page import BEGIN, SCRIPTS, STYLES, render
from schema_sync.exports.pages import Documented
from schema_sync.model.catalog import Catalog, Column, Constraint, QName, Relation, TypeRef
from schema_sync.model.findings import Report

if TYPE_CHECKING:
    from conftest import Database
    from doubles.chromium import Tab
    from schema_sync.replay.embedded_server import Server

__all__ = ["tab"]  # fixture

HOSTILE = [
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<!--<script>",
    "@@SCRIPT@@",
    "\"'`${window.ran=1}",
    "javascript:window.ran=1",
    "a.b%2Ec#d?e&f;",
    "&lt;b&gt;",
    "__proto__",
    "constructor",
    "right \u202eot tfel",
    "line\u2028two\u2029three\x1b[31m",
    "\U0001f600 emoji",
    "' onclick='x",
]
INT = TypeRef(name=QName(schema="pg_catalog", name="int4"))


@pytest.fixture(scope="module")
def hostile(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    statements = []
    for text in HOSTILE:
        name, value = sql.Identifier(text), sql.Literal(text)
        statements += [
            sql.SQL("create type {} as enum ({})").format(sql.Identifier(f"{text[:50]} e"), value),
            sql.SQL("create table {} ({} int primary key default length({}))").format(name, name, value),
            sql.SQL("comment on table {} is {}").format(name, value),
            sql.SQL("create policy {} on {} using ({} <> '')").format(name, name, value),
        ]
    made = [each.as_string() for each in statements]
    return page(server, tmp_path_factory.mktemp("hostile"), *made, name="explored_hostile")


class TestHostileNames:
    def test_are_exact_in_the_data_and_cannot_end_it(self, hostile: Path) -> None:
        text = hostile.read_text("utf-8")
        assert sorted(each["name"] for each in data_of(text)["tables"]) == sorted(HOSTILE)
        data = text[text.index('id="data">') :]
        assert not set("<>&\u2028\u2029") & {*data[len('id="data">') : data.index("</script>")]}

    @pytest.mark.thorough
    def test_stay_text_on_the_page(self, tab: Tab, hostile: Path) -> None:
        tab.show(hostile)
        tab.complaints()
        elements = "return document.querySelectorAll('script, img, iframe, object').length"
        assert tab.run(elements) == 2
        for table in data_of(hostile.read_text("utf-8"))["tables"]:
            name = table["name"]
            tab.run("location.hash = arguments[0]", address("public", name))
            tab.settle()
            shown = tab.run("return document.querySelector('#pane h1').textContent")
            assert shown == "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in name)
            assert tab.texts("#pane .column .name") == [" ".join(shown.split())]
            assert tab.run("return document.querySelector('#pane .policy .name').textContent") == shown
            tab.run(
                "const s = document.getElementById('search'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
                name,
            )
            tab.settle()
            assert tab.run("return document.querySelector('#results .what').textContent") == shown[:200]
            assert tab.run(elements) == 2
        assert tab.run("return window.ran ?? null") is None
        assert tab.complaints() == []


def many(count: int) -> Material:
    """A schema of *count* tables with ten columns, each but the first with two keys to earlier ones."""
    relations = []
    for number in range(count):
        columns = tuple(Column(name=f"column_{i}", rank=i + 1, type=INT, nullable=i > 2) for i in range(10))
        keys = tuple(
            Constraint(
                kind="foreign",
                name=f"key_{i}",
                columns=(f"column_{i + 1}",),
                references=QName(schema="public", name=f"table_{other:05}"),
                referenced_columns=("column_0",),
            )
            for i, other in enumerate({number // 7, max(0, number - 30)})
            if number % 5
        )
        name = QName(schema="public", name=f"table_{number:05}")
        relations.append(Relation(name=name, kind="table", columns=columns, constraints=keys))
    catalog = Catalog(schemas=("public",), covers=(), relations=tuple(relations))
    return Material(
        documented=Documented(title="Many", catalog=catalog, details=None),
        report=Report(source_kind="snapshot", source="", db_hash=""),
        uses={},
        class_uses={},
        member_uses={},
        history=ShownHistory(why_not="git is not installed"),
    )


@pytest.mark.thorough
def test_a_thousand_tables_can_be_searched_and_opened(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "schema.html"
    path.write_text(render(collect(many(1_000))), encoding="utf-8")
    tab.show(path)
    tab.press("/", *"table_00777", "\ue007")
    assert tab.text("#pane h1") == "table_00777"


def test_files_of_the_page_are_short_enough_to_be_read() -> None:
    for path in Path(contents.__file__).with_name("page").iterdir():
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 400, path.name
        assert max(map(len, lines)) <= 200, path.name
        assert path.name in {*SCRIPTS, *STYLES, "page.html"}


class TestLayout:
    def test_no_boxes_overlap(self) -> None:
        names = [QName(schema=s, name=f"t{i}") for s in ("a", "b") for i in range(60)]
        keys = [(names[i], names[i // 3]) for i in range(1, 100)] + [(names[5], names[7]), (names[7], names[5])]
        found = layout.arrange({name: (i * 7) % 30 for i, name in enumerate(names)}, keys)
        boxes = list(found.boxes.values())
        assert len(boxes) == len(names)
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                apart = abs(one.x - other.x) >= layout.WIDTH
                assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y
        assert [frame.label for frame in found.frames if frame.kind == "schema"] == ["a", "b"]

    def test_keys_lead_left_but_within_a_circle(self) -> None:
        names = [QName(schema="a", name=f"t{i}") for i in range(20)]
        keys = [(names[i], names[i // 3]) for i in range(1, 20)]
        boxes = layout.arrange(dict.fromkeys(names, 4), [*keys, (names[0], names[1])]).boxes
        assert {boxes[s].x > boxes[t].x for s, t in keys if s != names[1]} == {True}

    def test_parts_of_all_sizes_keep_apart_and_leave_little_empty(self) -> None:
        names = [QName(schema="a", name=f"t{i:03}") for i in range(200)]
        starts = [0, 60, 95, 115, 125, *range(130, 200, 2)]
        keys = [(names[i], names[max(s for s in starts if s < i)]) for i in range(1, 200) if i not in starts]
        found = layout.arrange({name: i * 5 % 17 for i, name in enumerate(names)}, keys)
        whole, *parts = found.frames
        assert len(parts) == len(starts)
        for i, one in enumerate(parts):
            for other in parts[i + 1 :]:
                across = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
                down = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
                assert max(across, down) >= layout.MARGIN
        covered = sum((each.width + layout.MARGIN) * (each.height + layout.MARGIN) for each in parts)
        assert covered > 0.8 * whole.width * whole.height

    def test_frames_hold_their_tables(self) -> None:
        names = [QName(schema="a", name=f"t{i}") for i in range(9)]
        found = layout.arrange(dict.fromkeys(names, 3), [(names[1], names[0]), (names[2], names[0])])
        assert {frame.label for frame in found.frames} == {"a", "t0", layout.UNCONNECTED}
        whole = found.frames[0]
        for box in found.boxes.values():
            assert whole.x <= box.x
            assert box.x + layout.WIDTH <= whole.x + whole.width
            assert whole.y < box.y
            assert box.y + box.height <= whole.y + whole.height

    def test_views_are_a_part(self) -> None:
        table, view = (QName(schema="a", name=name) for name in ("t", "v"))
        found = layout.arrange({table: 1, view: 1}, [], [view])
        assert [frame.label for frame in found.frames[1:]] == [layout.UNCONNECTED, layout.VIEWS]

    def test_of_nothing_is_nothing(self) -> None:
        assert layout.arrange({}, []).boxes == {}

    def test_a_chain_of_thousands_and_a_circle(self) -> None:
        names = [QName(schema="a", name=f"t{i}") for i in range(3000)]
        keys = [*zip(names[1:], names, strict=False), (names[0], names[-1])]
        assert len(layout.arrange(dict.fromkeys(names, 2), keys).boxes) == 3000


class TestCommand:
    def test_writes_the_same_page_again_without_secrets(
        self,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        database.run(
            "create table people (id int primary key, token text default 'sk_live_51Habc', check (token <> 'hunter22x'));"
            "alter table people enable row level security;"
            "create policy own on people using (token <> 'sk_live_51Habc')"
        )
        monkeypatch.chdir(tmp_path)
        assert cli.run(["explore", "--source", database.dsn]) == 0
        assert capsys.readouterr().out == "✓ Wrote schema.html\n"
        first = (tmp_path / "schema.html").read_bytes()
        assert first.startswith(BEGIN.encode())
        for secret in (b"sk_live", b"hunter22x", str(tmp_path).encode(), database.dsn.encode()):
            assert secret not in first
        assert cli.run(["explore", "--source", database.dsn, "--output", "schema.html"]) == 0
        assert (tmp_path / "schema.html").read_bytes() == first

    def test_docs_as_html_are_the_page_in_the_folder(
        self,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        database.run("create table people (id int primary key)")
        monkeypatch.chdir(tmp_path)
        docs = ["docs", "new/folder", "--format", "html", "--source", database.dsn]
        assert cli.run(docs) == 0
        assert capsys.readouterr().out == "✓ Wrote new/folder/index.html\n"
        assert cli.run(["explore", "--output", "new/folder/index.html", "--source", database.dsn]) == 0, (
            "it is ours"
        )
        assert data_of((tmp_path / "new/folder/index.html").read_text())["way"] == "../.."
        assert cli.run([*docs, "--sizes"]) == 2
        (tmp_path / "new/folder/index.html").write_text("mine")
        assert cli.run(docs) == 2
        assert (tmp_path / "new/folder/index.html").read_text() == "mine"
        (tmp_path / "file").write_text("")
        assert cli.run(["docs", "file/folder", "--format", "html", "--source", database.dsn]) == 2
        assert "file/folder/index.html: cannot be read: Not a directory" in capsys.readouterr().err

    def test_replaces_no_file_of_the_users(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "schema.html").write_text("<html>mine</html>")
        assert cli.run(["explore", "--source", "lock"]) == 2
        assert "not written by schema-sync explore" in capsys.readouterr().err
        assert (tmp_path / "schema.html").read_text() == "<html>mine</html>"

    def test_opens_the_browser(
        self,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        opened: list[str] = []
        monkeypatch.setattr("webbrowser.open", opened.append)  # which returns None, as if there were none
        monkeypatch.chdir(tmp_path)
        assert cli.run(["explore", "--source", database.dsn, "--open"]) == 0
        assert opened == [(tmp_path / "schema.html").as_uri()]
        assert "no browser could be opened" in capsys.readouterr().err

    def test_what_was_not_read_is_not_taken_for_unused(
        self,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        database.run("create table people (id int primary key)")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "broken.py").write_text("def (")
        (tmp_path / "schema-sync.toml").write_text('queries = "off"\n')
        assert cli.run(["explore", "--source", database.dsn]) == 0
        assert "not shown: uses in broken.py: " in capsys.readouterr().err
        data = data_of((tmp_path / "schema.html").read_text())
        assert "queries" not in data
        assert "uses in broken.py" in [each["what"] for each in data["not_shown"]]

    def test_a_source_that_runs_no_sql_shows_less_and_says_so(
        self,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        database.run("create table people (id int primary key)")
        monkeypatch.chdir(tmp_path)
        assert cli.run(["snapshot", "--source", database.dsn, "--output", "s.json"]) == 0
        assert cli.run(["explore", "--source", "snapshot:s.json"]) == 0
        assert "not shown: indexes, row level security" in capsys.readouterr().err
        data = data_of((tmp_path / "schema.html").read_text())
        assert "details" not in data
        assert any("row level security" in each["what"] for each in data["not_shown"])
